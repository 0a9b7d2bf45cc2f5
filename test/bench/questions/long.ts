/** Many connections one after another: whatever grows with them is lost. */
import {memoryOf} from '../memory.ts';
import {descriptors, wineserver} from '../processes.ts';
import {quiet} from '../quiet.ts';
import {growing} from '../report/growth.ts';
import type {Checkpoint} from '../report/schema.ts';
import {startedAnew} from './anew.ts';
import type {Ask, Contestant, Round} from './question.ts';

/** So many connections come before the first look: caches are full then, and compilers done. */
const WARM_UP = 200;
const WARM_UP_MS = 3000;
const WARM_UP_OF_OTHERS_MS = 500;
const PIECE = 20;

export const long: Ask = async round => {
  for (const {way} of round.contestants)
    if (!way.direct) await startedAnew(way, round, running => connectOften({way, running}, round));
};

async function connectOften(one: Contestant, {plan, server, add, say}: Round): Promise<void> {
  const {connections, most, mostOfOthers, checkpoints: looks} = plan.long;
  await connect(one, WARM_UP, one.way.startsPrograms ? WARM_UP_OF_OTHERS_MS : WARM_UP_MS);
  const end = performance.now() + (one.way.startsPrograms ? mostOfOthers : most);
  const checkpoints = [await look(one, 0)];
  let [done, failures] = [0, 0];
  while (done < connections && performance.now() < end) {
    say(`long (${server}): ${one.way.name}, ${done} connections so far`);
    const part = await connect(one, Math.ceil(connections / looks), end - performance.now());
    done += part.done;
    failures += part.failures;
    checkpoints.push(await look(one, done));
  }
  const grows = growing(checkpoints);
  add({question: 'long', server, way: one.way.name, connections: done, failures, checkpoints, grows});
}

/** Connects so many times, or as often as there is time for. */
async function connect(
  {running: {client}}: Contestant,
  count: number,
  patience: number,
): Promise<{done: number; failures: number}> {
  const end = performance.now() + patience;
  let [done, failures] = [0, 0];
  while (done < count && performance.now() < end) {
    failures += (await client.first(Math.min(PIECE, count - done))).failures;
    done += PIECE;
  }
  return {done: Math.min(done, count), failures};
}

async function look({running}: Contestant, connections: number): Promise<Checkpoint> {
  await quiet(running.processes);
  const pids = running.processes();
  return {
    connections,
    memory: memoryOf(pids),
    wineserver: memoryOf(wineserver()),
    descriptors: descriptors(pids),
  };
}
