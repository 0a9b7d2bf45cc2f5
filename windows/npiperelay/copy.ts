import fs from 'node:fs';
import {exitCode} from '../../shared/exit-codes.ts';
import {type Reader, readDescriptor} from '../stdio/reader.ts';
import {Writer} from '../stdio/writer.ts';
import type {Flag} from './flags.ts';
import {log} from './log.ts';
import type {Opened} from './open.ts';

/** How many bytes may wait in either direction before their source is paused. */
const WINDOW = 256 * 1024;

/** Copies both ways until npiperelay would leave; resolves with the exit code when everything is written. */
export function copyBothWays(opened: Opened, flags: ReadonlySet<Flag>): Promise<number> {
  return new Promise(resolve => new Copying(opened, flags, resolve));
}

class Copying {
  readonly #opened: Opened;
  readonly #flags: ReadonlySet<Flag>;
  readonly #over: (code: number) => void;
  readonly #output: Writer;
  readonly #input: Reader;
  #inputEnded = false;
  #pipeEnded = false;
  #finished = false;
  #toPipe = 0;

  constructor(opened: Opened, flags: ReadonlySet<Flag>, over: (code: number) => void) {
    this.#opened = opened;
    this.#flags = flags;
    this.#over = over;
    this.#output = new Writer(1, error =>
      this.#fatal(`copy from pipe to stdout failed: write /dev/stdout: ${error.message}`),
    );
    const {stream} = opened.connection;
    stream.on('data', (chunk: Uint8Array) => this.#fromPipe(chunk));
    stream.on('end', () => this.#pipeEnd());
    stream.on('close', () => this.#pipeClosed());
    stream.on('error', (error: NodeJS.ErrnoException) => this.#pipeError(error));
    this.#input = readDescriptor(0, {
      data: chunk => this.#fromStdin(chunk),
      end: () => this.#inputEnd(),
      failed: error => this.#fatal(`copy from stdin to pipe failed: read /dev/stdin: ${error.message}`),
    });
    stream.resume();
  }

  #fromPipe(chunk: Uint8Array): void {
    const {stream} = this.#opened.connection;
    this.#output.write(chunk, () => {
      if (stream.isPaused() && this.#output.pending <= WINDOW) stream.resume();
    });
    if (this.#output.pending > WINDOW) stream.pause();
  }

  #fromStdin(chunk: Uint8Array): void {
    this.#toPipe += chunk.length;
    if (this.#toPipe > WINDOW) this.#input.pause();
    this.#opened.connection.stream.write(chunk, error => {
      this.#toPipe -= chunk.length;
      if (error) return;
      if (this.#toPipe <= WINDOW) this.#input.resume();
    });
  }

  /** -ei goes before -s, as in the original; but what was read is written, and what was answered is passed on. */
  #inputEnd(): void {
    const {stream} = this.#opened.connection;
    this.#inputEnded = true;
    if (this.#flags.has('ei')) {
      stream.write(Buffer.alloc(0), () => this.#finish('copy from stdin to pipe finished'));
      return;
    }
    this.#verbose('copy from stdin to pipe finished');
    if (this.#pipeEnded) this.#finish();
    // A pipe cannot be half-closed; servers that take an empty message for an end get one with -s.
    else if (this.#opened.target.kind !== 'pipe') stream.end();
    else if (this.#flags.has('s')) stream.write(Buffer.alloc(0));
  }

  /** A socket may go on reading what we send, a pipe is closed both ways. */
  #pipeEnd(): void {
    if (this.#opened.target.kind === 'pipe') {
      this.#pipeClosed();
      return;
    }
    this.#pipeEnded = true;
    if (this.#flags.has('ep') || this.#inputEnded) this.#finish('copy from pipe to stdout finished');
    else void this.#closeOutput();
  }

  async #closeOutput(): Promise<void> {
    await this.#output.flushed();
    this.#verbose('copy from pipe to stdout finished');
    fs.close(1, () => {});
  }

  #pipeClosed(): void {
    this.#finish('copy from pipe to stdout finished: pipe closed');
  }

  #pipeError(error: NodeJS.ErrnoException): void {
    // 233, "no process is on the other end of the pipe": the server has disconnected.
    if (error.syscall === 'read' && (error.code === 'EPIPE' || error.code === 'ECONNRESET'))
      this.#pipeClosed();
    else if (error.syscall === 'read') this.#fatal(`copy from pipe to stdout failed: read: ${error.message}`);
    else this.#fatal('copy from stdin to pipe failed: write: The pipe is being closed.');
  }

  #verbose(line: string): void {
    if (this.#flags.has('v')) log(line);
  }

  #finish(line?: string): void {
    if (this.#finished) return;
    this.#finished = true;
    if (line !== undefined) this.#verbose(line);
    this.#leave(exitCode('ok'));
  }

  #fatal(line: string): void {
    if (this.#finished) return;
    this.#finished = true;
    log(line);
    this.#leave(exitCode('failure'));
  }

  #leave(code: number): void {
    this.#opened.connection.stream.destroy();
    void this.#output.flushed().then(() => this.#over(code));
  }
}
