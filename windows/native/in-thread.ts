import {blocked} from '../stdio/blocked.ts';
import {kernel32} from './kernel32.ts';

/** A declared function with koffi's other way to call it: in a thread of libuv's pool. */
export type Threaded<Args extends unknown[], Result> = ((...args: Args) => Result) & {
  async(...args: [...Args, (error: Error | null, result: Result) => void]): void;
};

/** Windows writes into the arguments of these calls: they stay in memory until it is done, whoever still waits. */
const held = new Set<unknown[]>();

/**
 * Calls a function that may take its time, without holding up the event loop; `leave` is told of it. Gives what the
 * function returned, and what GetLastError says in its thread.
 */
export function inThread<Args extends unknown[], Result>(
  call: Threaded<Args, Result>,
  ...args: Args
): Promise<{result: Result; lastError: number}> {
  return new Promise((resolve, reject) => {
    held.add(args);
    blocked.calls++;
    const over = (): void => {
      held.delete(args);
      blocked.calls--;
    };
    const done = (error: Error | null, result: Result): void => {
      over();
      // koffi keeps the thread's error for as long as this function runs
      if (error === null) resolve({result, lastError: kernel32().GetLastError()});
      else reject(error);
    };
    try {
      call.async(...args, done);
    } catch (error) {
      over();
      reject(error);
    }
  });
}
