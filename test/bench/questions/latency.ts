/** Connect to first answer, and the second request of a connection, with everything warm. */
import {type Summary, summarize} from '../../../linux/bench/summary.ts';
import {quiet} from '../quiet.ts';
import {inTurn} from '../rounds.ts';
import type {Samples} from '../ways/way.ts';
import type {Ask, Contestant, Round} from './question.ts';

/** A way whose connections take longer than this, in milliseconds, starts a program for each: fewer samples do. */
const SLOW_MS = 5;
/** Compilers and caches are warm after so many, or after so long, whichever is first. */
const WARM_UP = 200;
const WARM_UP_MS = 1000;
const STEP = 5;

export const first: Ask = async round => {
  const {blocks, samples, slowest} = round.plan.first;
  const slow = new Set<Contestant>();
  for (const one of round.contestants) if ((await warmUp(one)) > SLOW_MS) slow.add(one);
  await measure(round, 'first', blocks, one => one.running.client.first(slow.has(one) ? slowest : samples));
};

/** Connects again and again; gives the median of the last ones, in milliseconds. */
async function warmUp({running: {client}}: Contestant): Promise<number> {
  const end = performance.now() + WARM_UP_MS;
  let last: number[] = [];
  for (let done = 0; done < WARM_UP && performance.now() < end; done += STEP)
    last = (await client.first(STEP)).samples;
  return last.sort((a, b) => a - b)[Math.floor(last.length / 2)] ?? Number.POSITIVE_INFINITY;
}

export const second: Ask = async round => {
  const {blocks, samples} = round.plan.second;
  await measure(round, 'second', blocks, ({running: {client}}) => client.second(samples));
};

async function measure(
  {contestants, server, add, say}: Round,
  question: 'first' | 'second',
  blocks: number,
  ask: (contestant: Contestant) => Promise<Samples>,
): Promise<void> {
  const all = new Map<Contestant, Samples>(contestants.map(one => [one, {samples: [], failures: 0}]));
  await inTurn(contestants, blocks, async (one, block) => {
    say(`${question} (${server}): ${one.way.name}, block ${block + 1} of ${blocks}`);
    await quiet(one.running.processes);
    const {samples, failures} = await ask(one);
    const sum = all.get(one);
    sum?.samples.push(...samples);
    if (sum !== undefined) sum.failures += failures;
  });
  for (const [{way}, {samples, failures}] of all)
    add({question, server, way: way.name, ...summaryOf(samples), failures});
}

/** The summary as the results have it: left out without a sample. */
export function summaryOf(samples: readonly number[]): {ms?: Summary} {
  return samples.length === 0 ? {} : {ms: summarize(samples)};
}
