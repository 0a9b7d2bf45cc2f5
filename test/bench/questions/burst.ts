/** Many connections at the same moment. */
import {summarize} from '../../../linux/bench/summary.ts';
import {quiet} from '../quiet.ts';
import {roomFor} from '../room.ts';
import {inTurn} from '../rounds.ts';
import type {Ask, Contestant} from './question.ts';

export const burst: Ask = async ({contestants, plan, server, add, leaveOut, say}) => {
  for (const [size, rounds] of plan.bursts) {
    const able = contestants.filter(({way}) => {
      const why = roomFor(way, Math.min(size, way.most?.connections ?? size));
      if (why !== undefined) leaveOut(`${way.name}: a burst of ${size}`, why);
      return why === undefined;
    });
    const all = new Map<Contestant, {samples: number[]; failures: number}>(
      able.map(one => [one, {samples: [], failures: 0}]),
    );
    await inTurn(able, rounds, async (one, round) => {
      say(`burst of ${size} (${server}): ${one.way.name}, ${round + 1} of ${rounds}`);
      await one.running.client.first(1);
      await quiet(one.running.processes);
      const {elapsed, failures} = await one.running.client.burst(size);
      const sum = all.get(one);
      sum?.samples.push(elapsed);
      if (sum !== undefined) sum.failures += failures;
    });
    for (const [{way}, {samples, failures}] of all) {
      const connections = samples.length * size;
      add({question: 'burst', server, way: way.name, size, ms: summarize(samples), failures, connections});
    }
  }
};
