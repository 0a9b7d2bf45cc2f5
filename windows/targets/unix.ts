import type {Duplex} from 'node:stream';
import {type Failure, FailureError} from '../../shared/failure.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {DialTimeout, dial} from './dial.ts';
import {greeted} from './greeting.ts';
import {brokenSocket, deniedSocket, fullSocket, noAnswer} from './unix-failure.ts';

/** How long a socket of this machine may take to accept, in milliseconds. */
const CONNECT_MS = 5000;

/** Connects to an AF_UNIX socket of Windows, or of Linux where the helper runs there. Throws FailureError. */
export async function connectUnix(path: string, options: ConnectOptions): Promise<AgentConnection> {
  const {protocol, signal} = options;
  const opened =
    process.platform === 'win32'
      ? await (await import('./unix-of-windows.ts')).openUnixOfWindows(path, CONNECT_MS, signal)
      : await openUnixOfLinux(path, signal);
  if ('reason' in opened) throw new FailureError(opened);
  const connection: AgentConnection = {stream: opened.stream, detail: path, halfCloses: true};
  return protocol === 'assuan' ? await greeted(connection, signal) : connection;
}

async function openUnixOfLinux(path: string, signal: AbortSignal): Promise<{stream: Duplex} | Failure> {
  try {
    return {stream: await dial({path}, CONNECT_MS, signal)};
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DialTimeout) return fullSocket(path);
    const {code = String(error)} = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return deniedSocket(path);
    if (code === 'EAGAIN') return fullSocket(path);
    const known = ['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ENOTSOCK'].includes(code);
    return known ? await noAnswer(path) : brokenSocket(path, code);
  }
}
