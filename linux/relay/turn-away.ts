import {createServer} from 'node:net';
import type {HandedSocket} from './activation.ts';

/** How long nobody may have come before the last one is taken to have been turned away, in milliseconds. */
const QUIET = 50;

/** However many come, and however long they stay: not longer than this, in milliseconds. */
const LONGEST = 1000;

/**
 * For a relay that cannot start: accepts who waits on the sockets that systemd handed over, and ends their
 * connections. Left waiting, they would make systemd start the relay again at once, until it gives up and the
 * sockets are gone for good. Never throws.
 */
export async function turnAway(sockets: readonly HandedSocket[]): Promise<void> {
  await Promise.all(sockets.map(({fd}) => turnAwayFrom(fd)));
}

function turnAwayFrom(fd: number): Promise<void> {
  return new Promise(resolve => {
    let waiting = 0;
    let quiet: NodeJS.Timeout | undefined;
    // what is left then is closed by the end of this process
    const longest = setTimeout(stop, LONGEST);
    const server = createServer(socket => {
      waiting++;
      clearTimeout(quiet);
      // only the answer's direction: ssh-add is killed by SIGPIPE, without a word, when nobody takes its request
      socket.end();
      socket.resume();
      socket.on('error', () => {});
      socket.once('close', () => {
        waiting--;
        rest();
      });
    });
    server.once('error', stop);
    server.listen({fd}, rest);

    function rest(): void {
      clearTimeout(quiet);
      if (waiting === 0) quiet = setTimeout(stop, QUIET);
    }
    function stop(): void {
      clearTimeout(longest);
      clearTimeout(quiet);
      server.close();
      resolve();
    }
  });
}
