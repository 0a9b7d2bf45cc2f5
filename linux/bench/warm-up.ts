import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {firstAnswer} from './asker.ts';

/** Enough for Node to have loaded and compiled what a connection needs. */
const CONNECTIONS = 50;

/** SSH_AGENT_IDENTITIES_ANSWER with no key. */
const NO_KEYS = Uint8Array.of(0, 0, 0, 5, 12, 0, 0, 0, 0);

/**
 * Asks an agent of its own, within this process, so that the first connection that is measured does not show what this
 * program needs to make its first one, which is several milliseconds.
 */
export async function warmUp(): Promise<void> {
  // an abstract address: no file that would have to be taken away
  const path = `\0wslagent-bench-${randomUUID()}`;
  const server = createServer(socket => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(NO_KEYS));
  });
  server.listen(path);
  await once(server, 'listening');
  try {
    for (let count = 0; count < CONNECTIONS; count++) (await firstAnswer(path)).asker.close();
  } finally {
    server.close();
  }
}
