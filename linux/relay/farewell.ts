import type {Socket} from 'node:net';

/** How long a client may take to read what it is told at last, in milliseconds. */
const UNREAD = 10_000;

/** How long a client that was told everything may take to go, in milliseconds. */
const LINGER = 2000;

/** Tells a client the last there is, and closes its connection when it has gone, within a bound; what it says is dropped. */
export function sayFarewell(socket: Socket, farewell: Uint8Array): void {
  if (socket.destroyed) return;
  let bound = setTimeout(() => socket.destroy(), UNREAD);
  socket.once('finish', () => {
    clearTimeout(bound);
    bound = setTimeout(() => socket.destroy(), LINGER);
  });
  socket.once('close', () => clearTimeout(bound));
  // to a client that has gone even an empty write is an error
  if (farewell.length > 0) socket.end(farewell);
  else socket.end();
  // read on, so that the client's end is seen
  socket.resume();
}
