/**
 * libuv's own number of threads (threadpool.c), and those that must stay free: for stdin, for stdout, for files, for
 * what message pipes wait for, and for a busy pipe.
 */
const THREADS = 4;
const KEPT = 5;

/** How many calls may wait in threads of libuv's pool at a time, by the environment with which the program started. */
export function threadsToSpare({UV_THREADPOOL_SIZE: size}: NodeJS.ProcessEnv): number {
  const threads = size === undefined ? THREADS : Number.parseInt(size, 10) || 1;
  return Math.max(1, threads - KEPT);
}
