/** What a run was made on and of: no names of hosts, users or folders. */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {cpus, release, totalmem} from 'node:os';
import {execa} from 'execa';
import {VERSION} from '../../shared/version.ts';
import type {Run} from './report/schema.ts';

const ASK_MS = 30_000;

export function machine(): Run['machine'] {
  const all = cpus();
  return {cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, memory: totalmem(), kernel: release()};
}

/** Of each program that took part the first line of what it says of itself; npiperelay says nothing, so by its sum. */
export async function versions(): Promise<Run['versions']> {
  const told: Run['versions'] = {wslagent: VERSION, node: process.versions.node};
  for (const [name, flag] of [
    ['wine', '--version'],
    ['socat', '-V'],
    ['systemd-socket-activate', '--version'],
  ] as const) {
    const {stdout, failed} = await execa(name, [flag], {reject: false, stdin: 'ignore', timeout: ASK_MS});
    const version = /\d+(\.\d+)+|\b\d+\b/.exec(stdout)?.[0];
    if (!failed && version !== undefined) told[name] = version;
  }
  const npiperelay = process.env.BENCH_NPIPERELAY;
  if (npiperelay !== undefined)
    try {
      const sum = createHash('sha256').update(readFileSync(npiperelay)).digest('hex');
      told.npiperelay = `sha256:${sum.slice(0, 12)}`;
    } catch {}
  return told;
}

/** The commit that is measured, shortened, and whether the tree has more than it. */
export async function commit(root: string): Promise<{commit: string; changed: boolean}> {
  const git = (...args: string[]) =>
    execa('git', args, {cwd: root, reject: false, stdin: 'ignore', timeout: ASK_MS});
  const [head, status] = await Promise.all([
    git('rev-parse', '--short=9', 'HEAD'),
    git('status', '--porcelain', '--untracked-files=no'),
  ]);
  return {commit: head.failed ? 'unknown' : head.stdout.trim(), changed: status.stdout.trim() !== ''};
}
