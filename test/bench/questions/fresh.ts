/** The first connection ever: each time with the way started anew, as after a login. */
import {inTurn} from '../rounds.ts';
import type {Samples} from '../ways/way.ts';
import {summaryOf} from './latency.ts';
import type {Ask} from './question.ts';

export const fresh: Ask = async ({bed, target, contestants, plan, server, add, say}) => {
  const ways = contestants.map(({way}) => way).filter(({direct}) => !direct);
  const all = new Map<string, Samples>(ways.map(({name}) => [name, {samples: [], failures: 0}]));
  await inTurn(ways, plan.fresh.rounds, async (way, round) => {
    say(`fresh (${server}): ${way.name}, ${round + 1} of ${plan.fresh.rounds}`);
    const running = await way.start(bed, target);
    try {
      const {samples, failures} = await running.client.first(1);
      const sum = all.get(way.name);
      sum?.samples.push(...samples);
      if (sum !== undefined) sum.failures += failures;
    } finally {
      await running.stop();
    }
  });
  for (const [way, {samples, failures}] of all)
    add({question: 'fresh', server, way, ...summaryOf(samples), failures});
};
