import {oneLine} from '../../shared/text.ts';
import {readProc, socketHolders} from '../proc.ts';
import {parseUnixTable} from './unix-table.ts';

/** The processes that hold the socket which listens at a path; pids rise. Another user's cannot be seen. */
export function holdersOf(path: string): number[] {
  const sockets = parseUnixTable(readProc('/proc/net/unix')).filter(
    socket => socket.listening && socket.path === path,
  );
  const holders = [...socketHolders(new Set(sockets.map(({inode}) => inode))).values()].flat();
  return holders.sort((a, b) => a - b);
}

/** A process as `COMMAND (pid N)`. */
export function describeProcess(pid: number): string {
  const words = readProc(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
  const command = oneLine(words, 80) || oneLine(readProc(`/proc/${pid}/comm`)) || 'a process';
  return `${command} (pid ${pid})`;
}

/** Whether a process is a manager of units, which holds sockets for its services. */
export function isSystemd(pid: number): boolean {
  return readProc(`/proc/${pid}/comm`).trim() === 'systemd';
}
