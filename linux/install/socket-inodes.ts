import {execa} from 'execa';

/**
 * The inode of the file for each listening Unix socket's own inode, which /proc/net/unix does not tell.
 * Empty without `ss`.
 */
export async function boundInodes(): Promise<Map<number, number>> {
  const {stdout, failed} = await execa('ss', ['-xlHe'], {
    reject: false,
    stdin: 'ignore',
    timeout: 5000,
    env: {LC_ALL: 'C'},
  });
  return failed ? new Map() : parseSs(stdout);
}

/** Reads `ss -xlHe`: state, two counts, path, inode, peer, and after that the file's inode. */
export function parseSs(stdout: string): Map<number, number> {
  return new Map(
    stdout.split('\n').flatMap(line => {
      const match = / (\d+) +\* \d+ .*\bino:(\d+) /.exec(line);
      return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
    }),
  );
}
