import {oneLine} from '../../shared/text.ts';
import {readProc, socketHolders} from '../proc.ts';
import {parseUnixTable} from './unix-table.ts';

/**
 * Who listens on a Unix socket, as `COMMAND (pid N)`; undefined when that cannot be seen, as with
 * another user's processes.
 */
export function socketHolder(path: string): string | undefined {
  const sockets = parseUnixTable(readProc('/proc/net/unix')).filter(
    socket => socket.listening && socket.path === path,
  );
  const pids = [...socketHolders(new Set(sockets.map(({inode}) => inode))).values()].flat();
  // the highest pid: systemd keeps a descriptor of the sockets that it hands to a younger service
  return pids.length === 0 ? undefined : describe(Math.max(...pids));
}

function describe(pid: number): string {
  const words = readProc(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
  const command = oneLine(words, 80) || oneLine(readProc(`/proc/${pid}/comm`)) || 'a process';
  return `${command} (pid ${pid})`;
}
