import {lstat} from 'node:fs/promises';
import type {Failure} from '../../shared/failure.ts';

const SEE = 'wslagent probe';

/** Nobody answered: because there is no file, because it is a file of another kind, or because its server is gone. */
export async function noAnswer(path: string): Promise<Failure> {
  try {
    // Windows' own sockets cannot be looked at: Node says EACCES or UNKNOWN of them.
    const stats = await lstat(path);
    if (stats.isFile() || stats.isDirectory()) return notSocket(path);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return {
        reason: 'absent',
        message: `socket ${path} does not exist`,
        hint: `start the agent that makes it\n${SEE}`,
      };
  }
  return {
    reason: 'refused',
    message: `nobody listens on socket ${path}: its agent has gone`,
    hint: `start the agent again\n${SEE}`,
  };
}

/** Something else has this name. */
export function notSocket(path: string): Failure {
  return {
    reason: 'badTarget',
    message: `${path} is no AF_UNIX socket`,
    hint: 'for a socket file of Cygwin, MSYS2 or Git for Windows write cygwin: in place of unix:, for one of GnuPG assuan:',
  };
}

/** The socket's file is not for us. */
export function deniedSocket(path: string): Failure {
  return {
    reason: 'denied',
    message: `access to socket ${path} was denied`,
    hint: 'run the agent as the same user, and neither it nor wsl as administrator',
  };
}

/** It is there, and takes no connection. */
export function fullSocket(path: string): Failure {
  return {
    reason: 'busy',
    message: `socket ${path} does not accept connections`,
    hint: `restart the agent\n${SEE}`,
  };
}

/** Windows before the version that brought them; Wine. */
export function noUnixSockets(error: number): Failure {
  return {
    reason: 'badTarget',
    message: `this windows has no AF_UNIX sockets: they came with windows 10 1803 (winsock error ${error})`,
    hint: 'let the agent listen on a named pipe and name that one, for example --target pageant',
  };
}

/** Longer than struct sockaddr_un has room for. */
export function longPath(path: string, limit: number): Failure {
  return {
    reason: 'badTarget',
    message: `the path of socket ${path} is longer than the ${limit} bytes that AF_UNIX allows`,
    hint: 'let the agent make its socket in a folder with a shorter name',
  };
}

/** Anything else. */
export function brokenSocket(path: string, why: string): Failure {
  return {reason: 'internal', message: `cannot connect to socket ${path}: ${why}`};
}
