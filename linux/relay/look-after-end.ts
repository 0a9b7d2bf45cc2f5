import type {Socket} from 'node:net';

/** How often, and when at first unless at once, in milliseconds. */
const PERIOD = 1000;

const NOTHING = new Uint8Array(0);

/**
 * Sees to it that a client which has ended, and then goes, is noticed: its socket fails with EPIPE. A read shows an
 * end in both cases, and so does the event loop. But a write of no bytes, which a client that only sends no more
 * never sees, is refused when nobody is there (Linux, unix_stream_sendmsg).
 */
export function lookAfterEnd(socket: Socket, atOnce: boolean): void {
  const look = () => {
    // what is queued is refused by itself
    if (socket.writable && socket.writableLength === 0) socket.write(NOTHING);
  };
  const timer = setInterval(look, PERIOD);
  socket.once('close', () => clearInterval(timer));
  if (atOnce) look();
}
