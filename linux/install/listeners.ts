import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {parseUnixTable} from '../relay/unix-table.ts';

export type Holder = {pid: number /** as in /proc/PID/comm */; program: string};

/** One listening socket with the processes that hold it; several sockets may have been bound to one path. */
export type Listener = {inode: number; holders: Holder[]};

/** Who listens on each of these paths, as far as this user may see. Reads /proc once for all of them. */
export function listenersOn(paths: readonly string[]): Map<string, Listener[]> {
  const sockets = parseUnixTable(text('/proc/net/unix')).filter(
    ({listening, path}) => listening && paths.includes(path),
  );
  const holders = holdersOf(new Set(sockets.map(({inode}) => inode)));
  return new Map(
    paths.map(path => [
      path,
      sockets
        .filter(socket => socket.path === path)
        .map(({inode}) => ({inode, holders: holders.get(inode) ?? []})),
    ]),
  );
}

function holdersOf(inodes: ReadonlySet<number>): Map<number, Holder[]> {
  const found = new Map<number, Holder[]>();
  if (inodes.size === 0) return found;
  for (const pid of entries('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)) {
    const links = entries(`/proc/${pid}/fd`).map(fd => link(`/proc/${pid}/fd/${fd}`));
    const held = links.flatMap(target => Number(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? 0));
    for (const inode of new Set(held.filter(number => inodes.has(number))))
      found.set(inode, [...(found.get(inode) ?? []), {pid, program: text(`/proc/${pid}/comm`).trim()}]);
  }
  return found;
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function entries(path: string): string[] {
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
