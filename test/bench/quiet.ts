import {setTimeout as sleep} from 'node:timers/promises';
import {cpuSeconds, wineserver} from './processes.ts';

/** In milliseconds; several ticks of the clock that CPU time is counted with. */
const LOOK_MS = 80;
const PATIENCE_MS = 3000;

/** One tick, and a little for the sum of many: what a process uses that only waits. */
const NEARLY_NOTHING = 0.015;

/**
 * Waits until these processes are the same as before and have used hardly any CPU time for a moment: what the last
 * connection started (a spare, the end of a program) is over; wineserver is asked too, because a program that starts
 * waits for it. Whoever never rests is waited for three seconds.
 */
export async function quiet(processes: () => number[]): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let before = look(processes); performance.now() < end; ) {
    await sleep(LOOK_MS);
    const now = look(processes);
    if (now.who === before.who && now.seconds - before.seconds < NEARLY_NOTHING) return;
    before = now;
  }
}

function look(processes: () => number[]): {who: string; seconds: number} {
  const cpu = cpuSeconds([...processes(), ...wineserver()]);
  return {who: [...cpu.keys()].join(), seconds: [...cpu.values()].reduce((sum, one) => sum + one, 0)};
}
