import {lstatSync} from 'node:fs';
import {readProc, socketHolders} from '../proc.ts';
import {parseUnixTable} from '../relay/unix-table.ts';
import {boundFiles, fileId} from './bound-files.ts';

export type Holder = {pid: number /** as in /proc/PID/comm */; program: string};

/** Who holds the socket that is bound to each path now; a path that nobody listens on is left out. */
export async function listenersOn(paths: readonly string[]): Promise<Map<string, Holder[]>> {
  const sockets = parseUnixTable(readProc('/proc/net/unix')).filter(
    ({listening, path}) => listening && paths.includes(path),
  );
  if (sockets.length === 0) return new Map();
  const files = await boundFiles();
  const holders = socketHolders(new Set(sockets.map(({inode}) => inode)));
  return new Map(
    paths.flatMap(path => {
      const file = lstatSync(path, {throwIfNoEntry: false});
      if (file?.isSocket() !== true) return [];
      const here = sockets.filter(socket => socket.path === path).map(({inode}) => inode);
      // without ss, one whose processes can be seen is of this distribution
      const current = here.find(inode =>
        files === undefined ? holders.has(inode) : files.get(inode) === fileId(file),
      );
      return current === undefined ? [] : [[path, (holders.get(current) ?? []).map(holder)] as const];
    }),
  );
}

function holder(pid: number): Holder {
  return {pid, program: readProc(`/proc/${pid}/comm`).trim()};
}
