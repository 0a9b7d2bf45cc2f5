import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {oneLine} from '../../shared/text.ts';
import {parseUnixTable} from './unix-table.ts';

/**
 * Who listens on a Unix socket, as `COMMAND (pid N)`; undefined when that cannot be seen, as with
 * another user's processes.
 */
export function socketHolder(path: string): string | undefined {
  const inodes = new Set(
    parseUnixTable(readText('/proc/net/unix'))
      .filter(socket => socket.listening && socket.path === path)
      .map(({inode}) => `socket:[${inode}]`),
  );
  if (inodes.size === 0) return undefined;
  // the highest pid: systemd keeps a descriptor of the sockets that it hands to a younger service
  const pids = list('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
  const pid = pids.find(pid => list(`/proc/${pid}/fd`).some(fd => inodes.has(link(`/proc/${pid}/fd/${fd}`))));
  return pid === undefined ? undefined : `${commandOf(pid)} (pid ${pid})`;
}

function commandOf(pid: number): string {
  const words = readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
  return oneLine(words, 80) || oneLine(readText(`/proc/${pid}/comm`)) || 'a process';
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
