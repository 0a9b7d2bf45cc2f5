/** A process that the benchmark started, in a session of its own, and its end. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {open, readFile} from 'node:fs/promises';
import {isRunning} from '../is-running.ts';
import {listens} from '../listens.ts';
import {poll} from '../twin/poll.ts';
import {processesOf} from './processes.ts';

/** How long anything here may take to start, or to end, in milliseconds. */
const START_MS = 45_000;
const END_MS = 20_000;

export type Child = {
  pid: number;
  process: ChildProcess;
  /** What it wrote so far, both streams; without stdout where that was asked for as a pipe. */
  output(): Promise<string>;
  /** SIGTERM, then SIGKILL for it and all that it started; resolves when everything is gone. A second call does nothing. */
  stop(): Promise<void>;
};

export type ChildOptions = {
  env: Record<string, string>;
  /** A file that takes what it writes: Wine's own processes would keep a pipe open. */
  log: string;
  /** Its stdin and stdout as pipes. */
  piped?: boolean;
};

export async function startChild(
  command: string,
  args: readonly string[],
  {env, log, piped = false}: ChildOptions,
): Promise<Child> {
  const file = await open(log, 'a');
  const standard = piped ? 'pipe' : undefined;
  const child = spawn(command, args, {
    env,
    stdio: [standard ?? 'ignore', standard ?? file.fd, file.fd],
    detached: true,
  });
  await file.close();
  const gone = once(child, 'exit').catch(() => {});
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} cannot be started`);
  const stop = async () => {
    if (hasEnded(child)) return;
    const family = processesOf(pid);
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await gone;
    clearTimeout(late);
    for (const left of family) kill(left);
    await poll(`what ${command} started to end`, END_MS, () => !family.some(isRunning));
  };
  return {pid, process: child, output: () => readFile(log, 'utf8'), stop};
}

/** Waits until a child holds; throws with its words when it ends before, and then or when it is late ends it. */
export async function startedWhen(child: Child, what: string, holds: () => boolean | Promise<boolean>) {
  try {
    await poll(what, START_MS, async () => hasEnded(child.process) || (await holds()));
    if (hasEnded(child.process)) throw new Error(`waited for ${what}, and it ended`);
  } catch (error) {
    await child.stop();
    throw new Error(`${error instanceof Error ? error.message : error}: ${await child.output()}`);
  }
}

export async function startedListening(child: Child, socket: string): Promise<void> {
  await startedWhen(child, `somebody to listen on ${socket}`, () => listens(socket));
}

function hasEnded({exitCode, signalCode}: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}
