/** The exe with npiperelay's command line, and all three of its standard streams in a test's hands. */
import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import type {ExecutionContext} from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import {poll} from '../poll.ts';
import type {Twin} from '../twin.ts';
import {CEILING} from './chain.ts';

/** How long output is awaited after the exe is gone, in milliseconds: Wine's own processes may hold it. */
const LATE_MS = 1000;

const STAMP = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /;

export class PlainExe {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #closed = false;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.on('exit', () => setTimeout(() => this.#close(), LATE_MS));
    child.on('close', () => this.#close());
  }

  /** Starts it; it is killed with the test. */
  static start(t: ExecutionContext, twin: Twin, args: string[]): PlainExe {
    const exe = new PlainExe(spawn(builtExe(), args, {env: twin.env, stdio: 'pipe'}));
    t.teardown(() => exe.child.kill('SIGKILL'));
    return exe;
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  /** Its log, without time stamps where they are as they should be. */
  get lines(): string[] {
    const text = Buffer.concat(this.#stderr).toString();
    return text.split('\n').flatMap(line => (line === '' ? [] : line.replace(STAMP, '')));
  }

  say(bytes: string | Uint8Array): void {
    this.child.stdin.write(bytes);
  }

  endStdin(): void {
    this.child.stdin.end();
  }

  /** Waits until it has logged this line. */
  async logged(line: string): Promise<void> {
    await poll(`"${line}" in ${JSON.stringify(this.lines)}`, CEILING, () => this.lines.includes(line));
  }

  /** Waits until stdout holds this many bytes. */
  async bytes(count: number): Promise<Buffer> {
    await poll(`${count} bytes`, CEILING, () => this.stdout.length >= count || this.#closed);
    return this.stdout;
  }

  /** Waits for its end; gives the exit code. */
  async over(): Promise<number | null> {
    await poll(`the end, after ${JSON.stringify(this.lines)}`, CEILING, () => this.#closed);
    return this.child.exitCode;
  }

  #close(): void {
    this.#closed = true;
  }
}
