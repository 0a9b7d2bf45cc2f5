import {setTimeout as sleep} from 'node:timers/promises';
import type {Failure} from '../../shared/failure.ts';
import {DialTimeout, dial} from './dial.ts';
import type {OpenedPipe, PipePlace, PipeSystem} from './pipe.ts';
import {absentPipe, brokenPipe, busyPipe, deadPipe, deniedPipe, notPipe} from './pipe-failure.ts';
import {pipePath} from './pipe-name.ts';

/** How often a socket whose queue is full is tried again, in milliseconds. */
const LOOK_MS = 4;

/** A Unix socket in a pipe's place. Its file's modes say who may have made it. */
async function openPipeOfLinux(
  {path}: PipePlace,
  milliseconds: number,
  signal: AbortSignal,
): Promise<OpenedPipe | Failure> {
  try {
    return {stream: await dial({path: pipePath(path)}, milliseconds, signal), halfCloses: true};
  } catch (error) {
    signal.throwIfAborted();
    return explain(path, error);
  }
}

/** Helpers of Linux share nothing: trials and tests have no agent that could not stand it. */
export const PIPES_OF_LINUX: PipeSystem = {
  open: openPipeOfLinux,
  lock: () => undefined,
  listens: () => true,
  // nobody tells when there is room in a socket's queue
  room: (_, milliseconds, signal) => sleep(Math.min(LOOK_MS, milliseconds), undefined, {signal}),
};

function explain(name: string, error: unknown): Failure {
  if (error instanceof DialTimeout) return busyPipe(name);
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  switch (code) {
    case 'ENOENT':
      return absentPipe(name);
    case 'EPERM':
    case 'EACCES':
      return deniedPipe(name);
    case 'EAGAIN':
      return busyPipe(name);
    case 'ECONNREFUSED':
      return deadPipe(name);
    case 'ENOTSOCK':
    case 'ENOTDIR':
    case 'EINVAL':
      return notPipe(name);
    default:
      return brokenPipe(name, code ?? String(error));
  }
}
