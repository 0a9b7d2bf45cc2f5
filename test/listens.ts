import {existsSync} from 'node:fs';
import {readProc} from '../linux/proc.ts';
import {parseUnixTable} from '../linux/relay/unix-table.ts';

/**
 * Whether somebody listens on this path: the file is there a moment before, and who connects then is refused. The table
 * alone would not do: it shows the sockets of all twins, whose /run have the same paths.
 */
export function listens(path: string): boolean {
  const table = () => parseUnixTable(readProc('/proc/net/unix'));
  return existsSync(path) && table().some(socket => socket.listening && socket.path === path);
}
