import {lstatSync, readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {parseUnixTable} from '../relay/unix-table.ts';
import {boundFiles, fileId} from './bound-files.ts';

export type Holder = {pid: number /** as in /proc/PID/comm */; program: string};

/** Who holds the socket that is bound to each path now; a path that nobody listens on is left out. */
export async function listenersOn(paths: readonly string[]): Promise<Map<string, Holder[]>> {
  const sockets = parseUnixTable(text('/proc/net/unix')).filter(
    ({listening, path}) => listening && paths.includes(path),
  );
  if (sockets.length === 0) return new Map();
  const files = await boundFiles();
  const holders = holdersOf(new Set(sockets.map(({inode}) => inode)));
  return new Map(
    paths.flatMap(path => {
      const file = lstatSync(path, {throwIfNoEntry: false});
      if (file?.isSocket() !== true) return [];
      const here = sockets.filter(socket => socket.path === path).map(({inode}) => inode);
      // without ss, one whose processes can be seen is of this distribution
      const current = here.find(inode =>
        files === undefined ? holders.has(inode) : files.get(inode) === fileId(file),
      );
      return current === undefined ? [] : [[path, holders.get(current) ?? []] as const];
    }),
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
