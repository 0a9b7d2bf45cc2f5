import type {Duplex} from 'node:stream';
import type {Failure} from '../../shared/failure.ts';
import {openSocket, type SocketRefusal} from '../native/socket.ts';
import {SocketStream} from '../native/socket-stream.ts';
import {AF_UNIX, WSA} from '../native/winsock.ts';
import {
  brokenSocket,
  deniedSocket,
  fullSocket,
  longPath,
  noAnswer,
  notSocket,
  noUnixSockets,
} from './unix-failure.ts';

/** Room for the path in struct sockaddr_un (afunix.h), in bytes, its NUL included. */
const PATH_ROOM = 108;

/** What Winsock says of a family that it does not know; Wine says the first. */
const NO_FAMILY = new Set<number>([WSA.EAFNOSUPPORT, WSA.EPROTONOSUPPORT, WSA.ESOCKTNOSUPPORT]);

/** Connects through Winsock: libuv's pipes cannot (libuv#2537). Rejects with the signal's reason. */
export async function openUnixOfWindows(
  path: string,
  milliseconds: number,
  signal: AbortSignal,
): Promise<{stream: Duplex} | Failure> {
  const address = unixAddress(path);
  if (address === undefined) return longPath(path, PATH_ROOM - 1);
  const opened = await openSocket(AF_UNIX, address, milliseconds, signal);
  return 'error' in opened ? await explain(path, opened) : {stream: new SocketStream(opened)};
}

/** struct sockaddr_un: the family, and the path as UTF-8 with a NUL; undefined when it does not fit. */
export function unixAddress(path: string): Uint8Array | undefined {
  const bytes = new TextEncoder().encode(path);
  if (bytes.length >= PATH_ROOM) return undefined;
  const address = new Uint8Array(2 + PATH_ROOM);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(bytes, 2);
  return address;
}

async function explain(path: string, {call, error}: SocketRefusal): Promise<Failure> {
  if (call === 'socket' && NO_FAMILY.has(error)) return noUnixSockets(error);
  switch (error) {
    case WSA.EACCES:
      return deniedSocket(path);
    case WSA.ETIMEDOUT:
      return fullSocket(path);
    case WSA.ENOTSOCK:
      return notSocket(path);
    // A path where nothing is, or something else than a socket, or a socket without a server.
    case WSA.EINVAL:
    case WSA.ECONNREFUSED:
      return await noAnswer(path);
    default:
      return brokenSocket(path, `winsock error ${error}`);
  }
}
