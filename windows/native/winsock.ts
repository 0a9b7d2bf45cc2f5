import {bind} from './kernel32.ts';

/** A Winsock socket's number; -1 is none. */
export type SocketNumber = number;

export const NO_SOCKET: SocketNumber = -1;

/** Address families, as Winsock numbers them. */
export const AF_UNIX = 1;
export const AF_INET = 2;

export const SOCK_STREAM = 1;

/** WSA_FLAG_OVERLAPPED, which waiting needs, and WSA_FLAG_NO_HANDLE_INHERIT: programs that we start get none. */
export const SOCKET_FLAGS = 0x01 | 0x80;

/** ioctlsocket's command for sockets that never wait. */
export const FIONBIO = 0x8004_667e | 0;

export const SOL_SOCKET = 0xffff;
export const SO_ERROR = 0x1007;
export const SD_SEND = 1;

/** Winsock's errors (winsock2.h) of a connection that is not made. */
export const WSA = {
  EACCES: 10_013,
  EINVAL: 10_022,
  EWOULDBLOCK: 10_035,
  ENOTSOCK: 10_038,
  EPROTONOSUPPORT: 10_043,
  ESOCKTNOSUPPORT: 10_044,
  EAFNOSUPPORT: 10_047,
  ETIMEDOUT: 10_060,
  ECONNREFUSED: 10_061,
} as const;

export type Winsock = ReturnType<typeof declare>;

let declared: Winsock | undefined;

/** The functions of ws2_32.dll for one connection. libuv has called WSAStartup by now. Throws FailureError. */
export function winsock(): Winsock {
  declared ??= declare();
  return declared;
}

function declare() {
  const {func} = bind('ws2_32.dll');
  return {
    WSASocketW: func<
      (
        family: number,
        type: number,
        protocol: number,
        info: null,
        group: number,
        flags: number,
      ) => SocketNumber
    >('intptr_t WSASocketW(int, int, int, void *, uint32, uint32)'),
    WSAGetLastError: func<() => number>('int WSAGetLastError()'),
    ioctlsocket: func<(socket: SocketNumber, command: number, value: Uint32Array) => number>(
      'int ioctlsocket(intptr_t, int32, void *)',
    ),
    connect: func<(socket: SocketNumber, address: Uint8Array, length: number) => number>(
      'int connect(intptr_t, void *, int)',
    ),
    getsockopt: func<
      (socket: SocketNumber, level: number, option: number, value: Int32Array, length: Int32Array) => number
    >('int getsockopt(intptr_t, int, int, void *, void *)'),
    recv: func<(socket: SocketNumber, into: Uint8Array, length: number, flags: number) => number>(
      'int recv(intptr_t, void *, int, int)',
    ),
    send: func<(socket: SocketNumber, bytes: Uint8Array, length: number, flags: number) => number>(
      'int send(intptr_t, void *, int, int)',
    ),
    shutdown: func<(socket: SocketNumber, how: number) => number>('int shutdown(intptr_t, int)'),
    closesocket: func<(socket: SocketNumber) => number>('int closesocket(intptr_t)'),
  };
}
