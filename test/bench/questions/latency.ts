/** Connect to first answer, and the second request of a connection, with everything warm. */
import {type Summary, summarize} from '../../../linux/bench/summary.ts';
import {quiet} from '../quiet.ts';
import {inTurn, takesPart} from '../rounds.ts';
import type {Samples} from '../ways/way.ts';
import type {Ask, Contestant, Round} from './question.ts';

/** Compilers and caches are warm after so many, or after so long, whichever is first. */
const WARM_UP = 200;
const WARM_UP_MS = 1000;
const STEP = 5;

/** One after another, without a pause. */
export const first: Ask = async round => {
  const {rounds, few, samples, fewSamples} = round.plan.first;
  for (const one of round.contestants) await warmUp(one);
  await measure(round, 'first', rounds, async ({way, running: {client}}, block) => {
    if (!way.startsPrograms) return client.first(samples);
    return takesPart(block, rounds, few) ? client.first(fewSamples) : NONE;
  });
};

/** One now and then, as a person's: what the one before started, or ended, is over. */
export const spaced: Ask = async round => {
  const {rounds, samples} = round.plan.spaced;
  await measure(round, 'spaced', rounds, async ({running: {client, processes}}) => {
    const told: Samples = {samples: [], failures: 0};
    for (let n = 0; n < samples; n++) {
      await quiet(processes);
      addTo(told, await client.first(1));
    }
    return told;
  });
};

export const second: Ask = async round => {
  const {rounds, samples} = round.plan.second;
  await measure(round, 'second', rounds, ({running: {client}}) => client.second(samples));
};

const NONE: Samples = {samples: [], failures: 0};

async function warmUp({running: {client}}: Contestant): Promise<void> {
  const end = performance.now() + WARM_UP_MS;
  for (let done = 0; done < WARM_UP && performance.now() < end; done += STEP) await client.first(STEP);
}

async function measure(
  {contestants, server, add, say}: Round,
  question: 'first' | 'spaced' | 'second',
  blocks: number,
  ask: (contestant: Contestant, block: number) => Promise<Samples>,
): Promise<void> {
  const all = new Map<string, Samples>();
  await inTurn(contestants, blocks, async (one, block) => {
    say(`${question} (${server}): ${one.way.name}, block ${block + 1} of ${blocks}`);
    await quiet(one.running.processes);
    addTo(samplesOf(all, one.way.name), await ask(one, block));
  });
  for (const {way} of contestants) {
    const {samples, failures} = samplesOf(all, way.name);
    add({question, server, way: way.name, ...summaryOf(samples), failures});
  }
}

/** What was gathered under this name so far. */
export function samplesOf(all: Map<string, Samples>, name: string): Samples {
  const found = all.get(name) ?? {samples: [], failures: 0};
  all.set(name, found);
  return found;
}

export function addTo(sum: Samples, {samples, failures}: Samples): void {
  sum.samples.push(...samples);
  sum.failures += failures;
}

/** The summary as the results have it: left out without a sample. */
export function summaryOf(samples: readonly number[]): {ms?: Summary} {
  return samples.length === 0 ? {} : {ms: summarize(samples)};
}
