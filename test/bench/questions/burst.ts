/** Many connections at the same moment. */
import {summarize} from '../../../linux/bench/summary.ts';
import {quiet} from '../quiet.ts';
import {roomFor} from '../room.ts';
import {inTurn, takesPart} from '../rounds.ts';
import type {Samples} from '../ways/way.ts';
import {addTo, samplesOf} from './latency.ts';
import type {Ask} from './question.ts';

export const burst: Ask = async ({contestants, plan, server, add, leaveOut, say}) => {
  for (const [size, {rounds, few}] of plan.bursts) {
    const able = contestants.filter(({way}) => {
      const why = roomFor(way, Math.min(size, way.most?.connections ?? size));
      if (why !== undefined) leaveOut(`${way.name}: a burst of ${size}`, why);
      return why === undefined;
    });
    const all = new Map<string, Samples>();
    await inTurn(able, rounds, async ({way, running}, round) => {
      if (way.startsPrograms && !takesPart(round, rounds, few)) return;
      say(`burst of ${size} (${server}): ${way.name}, ${round + 1} of ${rounds}`);
      await running.client.first(1);
      await quiet(running.processes);
      const {elapsed, failures} = await running.client.burst(size);
      addTo(samplesOf(all, way.name), {samples: [elapsed], failures});
    });
    for (const {way} of able) {
      const {samples, failures} = samplesOf(all, way.name);
      const connections = samples.length * size;
      add({question: 'burst', server, way: way.name, size, ms: summarize(samples), failures, connections});
    }
  }
};
