import {readFileSync} from 'node:fs';
import {parseUnixTable} from '../linux/relay/unix-table.ts';

/** Whether somebody listens on this path: the file is there a moment before, and who connects then is refused. */
export function listens(path: string): boolean {
  return parseUnixTable(readFileSync('/proc/net/unix', 'utf8')).some(
    socket => socket.listening && socket.path === path,
  );
}
