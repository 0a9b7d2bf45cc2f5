import {setTimeout as sleep} from 'node:timers/promises';
import {cpuSeconds, wineserver} from './processes.ts';

/** Longer than a tick of the clock that CPU time is counted with, in milliseconds. */
const LOOK_MS = 60;
const PATIENCE_MS = 3000;

/**
 * Waits until these processes are the same as before and have used no CPU time for a moment: what the last connection
 * started (a spare, the end of a program) is over; wineserver is asked too, because a program that starts waits for it. Whoever never rests is waited for three seconds.
 */
export async function quiet(processes: () => number[]): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let before = ''; performance.now() < end; ) {
    const now = [...cpuSeconds([...processes(), ...wineserver()])].join();
    if (now === before) return;
    before = now;
    await sleep(LOOK_MS);
  }
}
