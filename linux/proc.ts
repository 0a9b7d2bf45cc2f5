import {readdirSync, readFileSync, readlinkSync} from 'node:fs';

/** A file of /proc as text; empty when it cannot be read, as with other users' processes. */
export function readProc(path: string): string {
  return orElse('', () => readFileSync(path, 'utf8'));
}

/** The processes that hold each of these sockets, by the socket's inode; pids rise. What this user may not see is left out. */
export function socketHolders(inodes: ReadonlySet<number>): Map<number, number[]> {
  const holders = new Map<number, number[]>();
  if (inodes.size === 0) return holders;
  const pids = list('/proc').filter(name => /^\d+$/.test(name));
  for (const pid of pids.map(Number).sort((a, b) => a - b))
    for (const inode of socketsOf(pid))
      if (inodes.has(inode)) holders.set(inode, [...(holders.get(inode) ?? []), pid]);
  return holders;
}

/** The inodes of the sockets that a process holds. */
function socketsOf(pid: number): Set<number> {
  const folder = `/proc/${pid}/fd`;
  const targets = list(folder).map(fd => orElse('', () => readlinkSync(`${folder}/${fd}`)));
  return new Set(targets.flatMap(target => Number(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [])));
}

function list(folder: string): string[] {
  return orElse([], () => readdirSync(folder));
}

function orElse<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
