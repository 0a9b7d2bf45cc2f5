import {writeSync} from 'node:fs';
import type {Socket} from 'node:net';

/** How often is looked, in milliseconds. */
const PERIOD = 1000;

const NOTHING = new Uint8Array(0);

/** Those whose going no read shows now, and what to do then. */
const watched = new Map<Socket, () => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Sees to it that a client which goes is noticed while its socket is paused, or is at its end already: `gone` is called
 * once, unless `unwatch` is before. One timer looks after all, and stops when there is nobody.
 */
export function watchPresence(socket: Socket, gone: () => void): void {
  watched.set(socket, gone);
  timer ??= setInterval(lookAtAll, PERIOD).unref();
}

/** The socket is read again, so that a read shows what happens, or is closed. */
export function unwatch(socket: Socket): void {
  watched.delete(socket);
}

function lookAtAll(): void {
  for (const [socket, gone] of watched) {
    // of one that was told our end nothing can be learned
    if (!socket.writable) watched.delete(socket);
    else if (isGone(socket)) {
      watched.delete(socket);
      gone();
    }
  }
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/**
 * Whether nobody is at the other end of a connected Unix socket any more, whatever there is still to read. A write of no
 * bytes, which a client that only sends no more never sees, is refused then (Linux, unix_stream_sendmsg).
 */
export function isGone(socket: Socket): boolean {
  // Node has no public name for it
  const fd = (socket as unknown as {_handle?: {fd?: number} | null})._handle?.fd;
  if (fd === undefined || fd < 0) return socket.destroyed;
  try {
    writeSync(fd, NOTHING);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPIPE';
  }
}
