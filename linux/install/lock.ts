import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {statSync} from 'node:fs';
import {createServer} from 'node:net';
import {UserError} from '../errors.ts';
import {homeDir, stateDir} from '../paths.ts';

/**
 * Runs `work` while no other install or uninstall of this person's runs. The lock is a socket in the abstract
 * namespace: it leaves nothing on disk, and goes with the process that holds it. Throws UserError.
 */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  const server = createServer(socket => socket.destroy());
  const listening = once(server, 'listening');
  server.listen(`\0wslagent-install-${lockName()}`);
  try {
    await listening;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UserError(
      'another wslagent install or uninstall is running',
      'wait until it is done, then try again',
    );
  }
  try {
    return await work();
  } finally {
    server.close();
  }
}

/** All distributions of a WSL machine share the namespace: the folder's file system and inode tell them apart. */
function lockName(): string {
  const {dev, ino} = statSync(homeDir());
  const words = [stateDir(), process.getuid?.(), dev, ino];
  return createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 32);
}
