import {rmSync} from 'node:fs';
import {mkdir, mkdtemp, readdir, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';

/** How everything unfinished is named. */
export const WORK_PREFIX = '.work-';
const STALE_MS = 3_600_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `use` with a new private folder inside `parent` (on the same file system, so that results can be moved
 * into place in one step) and removes the folder afterwards, also when a signal ends the process. What a
 * crash left behind more than an hour ago goes too.
 */
export async function withWorkDir<T>(parent: string, use: (dir: string) => Promise<T>): Promise<T> {
  await mkdir(parent, {recursive: true});
  await sweep(parent);
  const dir = await mkdtemp(join(parent, WORK_PREFIX));
  const onSignal = (signal: NodeJS.Signals) => {
    rmSync(dir, {recursive: true, force: true});
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) {
    process.once(signal, onSignal);
  }
  try {
    return await use(dir);
  } finally {
    for (const signal of SIGNALS) {
      process.off(signal, onSignal);
    }
    await rm(dir, {recursive: true, force: true});
  }
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith(WORK_PREFIX) && Date.now() - (await modified(path)) > STALE_MS) {
      await rm(path, {recursive: true, force: true});
    }
  }
}

/** Milliseconds; "now" for a folder that another build removed meanwhile. */
async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return Date.now();
  }
}
