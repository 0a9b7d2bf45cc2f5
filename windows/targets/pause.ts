import {setTimeout as sleep} from 'node:timers/promises';

/**
 * The shortest pause between two attempts, and what chance adds, in milliseconds: gpg-agent's pipe dies of
 * clients that come in the instant it is made (gpg-agent.c, win32_openssh_thread), and crowds should spread.
 */
const PAUSE_MS = 100;
const SPREAD_MS = 80;

/** Waits a moment. Rejects when `signal` says that nobody needs the connection any more. */
export async function pauseBetweenAttempts(signal: AbortSignal): Promise<void> {
  await sleep(PAUSE_MS + Math.random() * SPREAD_MS, undefined, {signal});
}
