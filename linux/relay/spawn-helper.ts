import {type ChildProcess, spawn} from 'node:child_process';
import {PassThrough, type Readable, type Writable} from 'node:stream';
import type {HelperCommand} from '../helper-command.ts';
import {helperEnv} from './helper-env.ts';

/** How a process ended: `code` and `message` when it could not be started at all. */
export type HelperResult = {
  code?: string | undefined;
  message?: string | undefined;
  exitCode?: number | undefined;
  signal?: string | undefined;
};

export type HelperSubprocess = {
  /** Undefined when it could not be started. */
  pid: number | undefined;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process is gone; what it wrote may be on its way still. */
  exited: Promise<void>;
  /** Resolves when it is gone and all it wrote was read; never rejects. */
  ended: Promise<HelperResult>;
};

/**
 * Starts a helper, never through a shell. By Node's own means: the library that the other commands use for this takes
 * 5 MB of memory, and somebody waits while it is loaded.
 */
export function spawnHelper({command, args, cwd}: HelperCommand): HelperSubprocess {
  try {
    const child = spawn(command, [...args, 'serve'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: helperEnv(process.env),
      // Ctrl-C in a terminal goes to the whole process group: the relay, which drains, is to end its helpers
      detached: true,
      ...(cwd === undefined ? {} : {cwd}),
    });
    return subprocess(child);
  } catch (error) {
    return neverStarted(error as NodeJS.ErrnoException);
  }
}

function subprocess(child: ChildProcess): HelperSubprocess {
  // Node makes no streams when there are no descriptors for them (EMFILE)
  const [stdin, stdout, stderr] = [child.stdin, child.stdout, child.stderr].map(made => made ?? silence());
  // a broken pipe shows as the end of stdout, with all that was still said
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => {});
  const exited = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<HelperResult>();
  child.once('exit', () => exited.resolve());
  child.once('close', (exitCode, signal) =>
    ended.resolve({exitCode: exitCode ?? undefined, signal: signal ?? undefined}),
  );
  child.on('error', (error: NodeJS.ErrnoException) => {
    // one that was started has an end, which says more
    if (child.pid === undefined) ended.resolve({code: error.code, message: error.message});
  });
  return {
    pid: child.pid,
    stdin: stdin as Writable,
    stdout: stdout as Readable,
    stderr: stderr as Readable,
    kill: signal => void child.kill(signal),
    exited: exited.promise,
    ended: ended.promise,
  };
}

/** Node throws for what it does not expect of a file system, such as ENOTDIR. */
function neverStarted({code, message}: NodeJS.ErrnoException): HelperSubprocess {
  return {
    pid: undefined,
    stdin: silence(),
    stdout: silence(),
    stderr: silence(),
    kill() {},
    exited: Promise.withResolvers<void>().promise,
    ended: Promise.resolve({code, message}),
  };
}

/** Takes what is written, says nothing, and never ends. */
function silence(): PassThrough {
  return new PassThrough({highWaterMark: Number.MAX_SAFE_INTEGER});
}
