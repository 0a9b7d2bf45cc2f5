import type {Stats} from 'node:fs';
import {execa} from 'execa';

/** A file, as `MAJOR:MINOR:INODE` of the kernel. */
export type FileId = string;

/**
 * Which file each listening Unix socket is bound to, by the socket's own inode. /proc/net/unix tells the path
 * alone, and lists the sockets of all distributions of a WSL machine, each with a /run of its own. Undefined
 * without `ss`.
 */
export async function boundFiles(): Promise<Map<number, FileId> | undefined> {
  const {stdout, failed} = await execa('ss', ['-xlHe'], {
    reject: false,
    stdin: 'ignore',
    timeout: 5000,
    env: {LC_ALL: 'C'},
  });
  return failed ? undefined : parseSs(stdout);
}

/** Reads `ss -xlHe`: state, two counts, path, inode, peer, and after that the file's inode and device. */
export function parseSs(stdout: string): Map<number, FileId> {
  return new Map(
    stdout.split('\n').flatMap(line => {
      const match = / (\d+) +\* \d+ .*\bino:(\d+) dev:(\d+)\/(\d+)/.exec(line);
      if (match === null) return [];
      const [socket = 0, inode, major = 0, minor = 0] = match.slice(1).map(Number);
      // ss takes the kernel's own number, which has 20 bits for the minor, for one of glibc's
      const device = encode(major, minor);
      return [[socket, `${device >>> 20}:${device & 0xfffff}:${inode}`] as const];
    }),
  );
}

/** The same for a file that was looked at. */
export function fileId({dev, ino}: Pick<Stats, 'dev' | 'ino'>): FileId {
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  return `${major}:${minor}:${ino}`;
}

/** glibc's makedev(3), for numbers of 32 bits. */
function encode(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
