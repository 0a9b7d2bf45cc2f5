import type {node} from 'koffi';
import {koffi} from './koffi.ts';
import type {SocketCalls, SocketResult} from './socket-stream.ts';
import {
  FIONBIO,
  NO_SOCKET,
  SD_SEND,
  SO_ERROR,
  SOCK_STREAM,
  SOCKET_FLAGS,
  SOL_SOCKET,
  type SocketNumber,
  WSA,
  winsock,
} from './winsock.ts';

/** Which call did not go well, and Winsock's number for it. */
export type SocketRefusal = {call: 'socket' | 'connect'; error: number};

/** A socket that never waits; libuv says when there is something to do, as it does for its own (uv_poll). */
class WinsockSocket implements SocketCalls {
  readonly #socket: SocketNumber;
  #poll: node.PollHandle | undefined;

  constructor(socket: SocketNumber) {
    this.#socket = socket;
  }

  connect(address: Uint8Array): SocketResult {
    return outcome(winsock().connect(this.#socket, address, address.length));
  }

  /** What became of a connection that was waited for: 0, or Winsock's number. */
  connected(): number {
    const value = new Int32Array(1);
    const result = winsock().getsockopt(this.#socket, SOL_SOCKET, SO_ERROR, value, new Int32Array([4]));
    return result === 0 ? (value[0] ?? 0) : winsock().WSAGetLastError();
  }

  receive(into: Uint8Array): SocketResult {
    return outcome(winsock().recv(this.#socket, into, into.length, 0));
  }

  send(bytes: Uint8Array): SocketResult {
    return outcome(winsock().send(this.#socket, bytes, bytes.length, 0));
  }

  endSending(): SocketResult {
    return outcome(winsock().shutdown(this.#socket, SD_SEND));
  }

  wait(what: {readable: boolean; writable: boolean}, ready: (failed: boolean) => void): void {
    // What koffi gives first is libuv's status, whatever its types say. It is called outside of what runs Node's next
    // ticks, and again for as long as nobody has looked.
    const told = (status: unknown): void => {
      this.#poll?.stop();
      setImmediate(() => {
        if (this.#poll !== undefined) ready(typeof status === 'number' && status < 0);
      });
    };
    if (this.#poll === undefined) this.#poll = koffi().node.poll(this.#socket, what, told);
    else this.#poll.start(what, told);
  }

  close(): void {
    this.#poll?.close();
    this.#poll = undefined;
    winsock().closesocket(this.#socket);
  }
}

function outcome(result: number): SocketResult {
  if (result >= 0) return result;
  const error = winsock().WSAGetLastError();
  return error === WSA.EWOULDBLOCK ? 'wait' : {error};
}

/**
 * Connects a socket of this family to an address as Winsock has it (struct sockaddr), bounded by `milliseconds` and
 * by `signal`. Rejects with the signal's reason, or FailureError when koffi cannot be loaded.
 */
export async function openSocket(
  family: number,
  address: Uint8Array,
  milliseconds: number,
  signal: AbortSignal,
): Promise<SocketCalls | SocketRefusal> {
  signal.throwIfAborted();
  const api = winsock();
  const number = api.WSASocketW(family, SOCK_STREAM, 0, null, 0, SOCKET_FLAGS);
  if (number === NO_SOCKET) return {call: 'socket', error: api.WSAGetLastError()};
  const socket = new WinsockSocket(number);
  api.ioctlsocket(number, FIONBIO, Uint32Array.of(1));
  try {
    const error = await finish(socket, address, milliseconds, signal);
    if (error === 0) return socket;
    socket.close();
    return {call: 'connect', error};
  } catch (error) {
    socket.close();
    throw error;
  }
}

async function finish(
  socket: WinsockSocket,
  address: Uint8Array,
  milliseconds: number,
  signal: AbortSignal,
): Promise<number> {
  const result = socket.connect(address);
  if (typeof result === 'object') return result.error;
  if (result !== 'wait') return 0;
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => over(() => reject(signal.reason));
    const timer = setTimeout(() => over(() => resolve(WSA.ETIMEDOUT)), milliseconds);
    const over = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    signal.addEventListener('abort', onAbort, {once: true});
    socket.wait({readable: false, writable: true}, () => over(() => resolve(socket.connected())));
  });
}
