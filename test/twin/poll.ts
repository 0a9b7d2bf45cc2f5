import {setTimeout as sleep} from 'node:timers/promises';

/** Asks every 10 ms until `done` says yes; after `limit` milliseconds throws, saying what was waited for. */
export async function poll(
  what: string,
  limit: number,
  done: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + limit;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`waited ${limit} ms for ${what}`);
    await sleep(10);
  }
}
