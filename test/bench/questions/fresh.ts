/** The first connection ever: each time with the way started anew, as after a login. */
import {inTurn} from '../rounds.ts';
import type {Samples} from '../ways/way.ts';
import {startedAnew} from './anew.ts';
import {addTo, samplesOf, summaryOf} from './latency.ts';
import type {Ask} from './question.ts';

export const fresh: Ask = async ({bed, target, contestants, plan, server, add, say}) => {
  const ways = contestants.map(({way}) => way).filter(({direct}) => !direct);
  const all = new Map<string, Samples>();
  await inTurn(ways, plan.fresh.rounds, async (way, round) => {
    say(`fresh (${server}): ${way.name}, ${round + 1} of ${plan.fresh.rounds}`);
    await startedAnew(way, {bed, target}, async ({client}) => {
      addTo(samplesOf(all, way.name), await client.first(1));
    });
  });
  for (const {name: way} of ways) {
    const {samples, failures} = samplesOf(all, way);
    add({question: 'fresh', server, way, ...summaryOf(samples), failures});
  }
};
