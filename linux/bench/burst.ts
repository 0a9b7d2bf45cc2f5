import {setTimeout as sleep} from 'node:timers/promises';
import type {Burst} from './report.ts';
import type {Extent} from './sequence.ts';
import type {Subject} from './subject.ts';
import {summarize} from './summary.ts';

/** Between rounds, so that what one left behind does not count for the next, in milliseconds. */
const PAUSE_MS = 50;

/** So many connections at the same moment, each of which leaves when it has its answer, as ssh does; `count` rounds. */
export async function burst(subject: Subject, connections: number, {count, ms}: Extent): Promise<Burst> {
  const until = performance.now() + ms;
  const samples: number[] = [];
  let [rounds, failures] = [0, 0];
  do {
    if (rounds > 0) await sleep(PAUSE_MS);
    const begun = performance.now();
    const answers = await Promise.all(Array.from({length: connections}, () => subject.visit()));
    const elapsed = performance.now() - begun;
    rounds++;
    const lost = answers.filter(answer => answer === undefined).length;
    failures += lost;
    if (lost === 0) samples.push(elapsed);
  } while (rounds < count && performance.now() < until && subject.over === undefined);
  return {connections, rounds, failures, ms: samples.length === 0 ? null : summarize(samples)};
}
