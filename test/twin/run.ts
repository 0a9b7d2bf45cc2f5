import {spawn} from 'node:child_process';
import {constants} from 'node:os';

export interface RunOptions {
  /** Added to the twin's environment; `undefined` takes a variable out of it. */
  env?: Record<string, string | undefined>;
  /** Everything the command gets on stdin; without it, stdin is at its end. */
  input?: string | Uint8Array;
  /** Milliseconds until the command is killed; 60 s unless told. */
  timeout?: number;
  cwd?: string;
}

export interface RunResult {
  /** 128 + n for a command ended by signal n, 127 for one that could not be started, 124 for one that took too long. */
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** How long output is awaited after the command is gone: a daemon that it left behind may hold the pipe for ever. */
const lateOutputMs = 1000;

/** Runs one command to its end. Never rejects: how it ended is in `exitCode`, and why in `stderr`. */
export function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string>,
  options: RunOptions = {},
): Promise<RunResult> {
  return new Promise(resolve => {
    const env = {...environment, ...options.env};
    const child = spawn(command, args, {env, cwd: options.cwd});
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // a command that does not read its input is not a failure
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);

    let late: NodeJS.Timeout | undefined;
    let timedOut = false;
    const limit = options.timeout ?? 60_000;
    const killer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, limit);
    const finish = (exitCode: number, reason = '') => {
      clearTimeout(killer);
      clearTimeout(late);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({
        exitCode,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString() + reason,
      });
    };
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (timedOut) finish(124, `${command} took longer than ${limit} ms\n`);
      else finish(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    };
    child.once('error', error => finish(127, `${error.message}\n`));
    child.once('exit', (code, signal) => {
      clearTimeout(killer);
      late = setTimeout(() => ended(code, signal), lateOutputMs);
    });
    child.once('close', ended);
  });
}
