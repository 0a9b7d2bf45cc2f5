import {setTimeout as sleep} from 'node:timers/promises';
import {asFailure, type FailureReason} from '../../shared/failure.ts';
import type {Flag} from './flags.ts';

/** npiperelay's pause between two attempts, in milliseconds, and how many retries there are with -l. */
const POLL_MS = 200;
const RETRIES = 300;

/**
 * What -p waits for: a pipe that is absent or busy, a port nobody listens on, and a program that took over the port
 * of an agent which has gone, and closes when it is shown the nonce.
 */
const PASSING = new Set<FailureReason>(['absent', 'busy', 'refused', 'agentClosed']);

/**
 * One attempt, or with -p one every 200 ms until one goes well, and with -l at most 300 more. Throws the last error.
 * `attempt` looks everything up anew: an agent that starts writes another port and nonce.
 */
export async function polled<T>(
  flags: ReadonlySet<Flag>,
  attempt: () => Promise<T>,
  pause: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      const over = !flags.has('p') || (flags.has('l') && retries === RETRIES);
      if (over || !PASSING.has(asFailure(error).reason)) throw error;
    }
    await pause(POLL_MS);
  }
}
