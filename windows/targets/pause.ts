import {setTimeout as sleep} from 'node:timers/promises';

/**
 * The shortest pause between two attempts, and what chance adds, in milliseconds: gpg-agent's pipe dies of
 * clients that come in the instant it is made (gpg-agent.c, win32_openssh_thread), and crowds should spread.
 */
const PAUSE_MS = 100;
const SPREAD_MS = 80;

/** The first pause for a pipe that is busy, in milliseconds: a server that makes its next instance needs less. */
const BUSY_FIRST_MS = 4;

/** Waits a moment. Rejects when `signal` says that nobody needs the connection any more. */
export async function pauseBetweenAttempts(signal: AbortSignal): Promise<void> {
  await sleep(PAUSE_MS + Math.random() * SPREAD_MS, undefined, {signal});
}

/** Pauses that begin short and double up to the longest. */
export class BackOff {
  #next = BUSY_FIRST_MS;

  /** Waits. Rejects when `signal` says that nobody needs the connection any more. */
  async pause(signal: AbortSignal): Promise<void> {
    const milliseconds = this.#next * (1 + Math.random());
    this.#next = Math.min(this.#next * 2, PAUSE_MS);
    await sleep(milliseconds, undefined, {signal});
  }
}
