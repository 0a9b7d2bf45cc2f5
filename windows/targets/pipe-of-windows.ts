import type {Failure} from '../../shared/failure.ts';
import {kernel32} from '../native/kernel32.ts';
import {openPipeHandle, pipeListens, pipeRoom, pipeSecurity} from '../native/pipe-handle.ts';
import {pipeStream} from '../native/pipe-stream.ts';
import {distrust} from '../native/trust.ts';
import {openTurnLock} from '../native/turn-lock.ts';
import {servesOneClient} from './one-client.ts';
import type {OpenedPipe, PipePlace, PipeSystem} from './pipe.ts';
import {absentPipe, brokenPipe, busyPipe, deniedPipe, notPipe, untrustedPipe} from './pipe-failure.ts';
import {pipePath} from './pipe-name.ts';

/**
 * Opens a pipe and looks whose it is before the first byte: names of pipes are fixed, and who makes one first has
 * it. libuv would look at no owner, let the server act as us, and wait 30 s for a busy one (pipe.c).
 */
async function openPipeOfWindows({path, anyOwner}: PipePlace): Promise<OpenedPipe | Failure> {
  const pipe = openPipeHandle(pipePath(path));
  if ('error' in pipe) return explain(path, pipe.error);
  const security = pipeSecurity(pipe);
  const why = anyOwner ? undefined : distrust(security);
  if (why !== undefined) {
    kernel32().CloseHandle(pipe.handle);
    return untrustedPipe(path, await why());
  }
  const servesOne = servesOneClient(pipe);
  const opened = {...pipeStream(pipe), server: {pid: pipe.serverPid, owner: security.owner}};
  return servesOne ? {...opened, servesOne} : opened;
}

export const PIPES_OF_WINDOWS: PipeSystem = {
  open: openPipeOfWindows,
  lock: openTurnLock,
  listens: name => pipeListens(pipePath(name)),
  room: (name, milliseconds) => pipeRoom(pipePath(name), milliseconds),
};

/** Windows' numbers (winerror.h) for what CreateFile met. */
function explain(name: string, error: number | 'notPipe'): Failure {
  switch (error) {
    // ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND
    case 2:
    case 3:
      return absentPipe(name);
    // ERROR_ACCESS_DENIED
    case 5:
      return deniedPipe(name);
    // ERROR_PIPE_BUSY, and ERROR_SEM_TIMEOUT
    case 231:
    case 121:
      return busyPipe(name);
    // ERROR_INVALID_NAME, ERROR_BAD_PATHNAME, ERROR_DIRECTORY
    case 'notPipe':
    case 123:
    case 161:
    case 267:
      return notPipe(name);
    default:
      return brokenPipe(name, `windows error ${error}`);
  }
}
