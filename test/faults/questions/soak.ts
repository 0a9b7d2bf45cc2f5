/** Very many connections: memory, descriptors and processes stay as they are. */
import {setTimeout as sleep} from 'node:timers/promises';
import {LOADED_MS} from '../../../shared/small-heap.ts';
import {memoryOf} from '../../bench/memory.ts';
import {descriptors, wineserver} from '../../bench/processes.ts';
import {quiet} from '../../bench/quiet.ts';
import {growing} from '../../bench/report/growth.ts';
import type {Checkpoint} from '../../bench/report/schema.ts';
import type {Asked, Figures} from '../figures.ts';
import {Random} from '../fuzz/random.ts';
import {Caller} from '../parts/caller.ts';
import {type Ground, onGround, type Place, type RunningRelay} from '../parts/ground.ts';
import {LIST, LIST_REQUEST, signature, signRequest} from '../parts/requests.ts';

/** So many at a time; each asks once or a few times, and leaves in one of the ways in which clients leave. */
const CLIENTS = 16;
const PATIENCE_MS = 30_000;
const CHECKPOINTS = 12;
/** So many before the first look, or as many as are looked at: caches are full then, and compilers done. */
const WARM_UP = 5000;
const MIB = 1024 ** 2;

/** Goal: after any number of connections nothing is more than before. */
export function soak(place: Place, connections: number, asked: Asked): Promise<Figures> {
  return onGround(place, async ground => {
    const relay = await ground.startRelay();
    await connectOften(ground, 1, asked);
    // relay and helper keep their heaps small only then; a crowd before that leaves up to 32 MB, for a while
    await sleep(2 * LOADED_MS);
    await connectOften(ground, Math.min(WARM_UP, connections), asked);
    const checkpoints = [await look(relay, 0)];
    let [done, lost] = [0, 0];
    while (done < connections && !asked.signal.aborted) {
      const part = Math.min(Math.ceil(connections / CHECKPOINTS), connections - done);
      lost += await connectOften(ground, part, {...asked, seed: asked.seed + done});
      done += part;
      checkpoints.push(await look(relay, done));
      asked.report(`soak (${place.name}): ${done} of ${connections}, ${inMebibytes(checkpoints.at(-1))} MiB`);
    }
    const [first, last] = [checkpoints[0], checkpoints.at(-1)];
    const code = await relay.stop();
    const left = await ground.stop();
    return {
      lines: [
        {
          what: `connections one after another, ${CLIENTS} at a time (${place.name})`,
          tried: done,
          lost,
          left: left.length,
          seen: `relay and helpers: memory ${inMebibytes(first)} MiB before, ${inMebibytes(last)} after; descriptors ${first?.descriptors} and ${last?.descriptors}; processes ${first?.memory.processes} and ${last?.memory.processes}`,
        },
      ],
      findings: [
        ...growing(checkpoints).map(
          what => `soak (${place.name}): grows: ${what}: ${JSON.stringify(checkpoints)}`,
        ),
        ...(lost > 0
          ? [`soak (${place.name}), seed ${asked.seed}: ${lost} connections without the right answers`]
          : []),
        ...(code === 0 ? [] : [`soak: the relay ended with ${code} instead of 0`]),
        ...left.map(what => `soak: left: ${what}`),
      ],
    };
  });
}

async function connectOften({socket}: Ground, connections: number, {seed, signal}: Asked): Promise<number> {
  let [left, lost] = [connections, 0];
  await Promise.all(
    Array.from({length: CLIENTS}, async (_, client) => {
      const random = new Random(seed + client);
      while (left-- > 0 && !signal.aborted) if (!(await connectOnce(socket, random))) lost++;
    }),
  );
  return lost;
}

async function connectOnce(socket: string, random: Random): Promise<boolean> {
  const caller = await Caller.to(socket);
  if (caller === undefined) return false;
  const id = random.next();
  let isWell = true;
  for (let asks = random.below(4); asks > 0 && isWell; asks--) {
    const end = random.once(2)
      ? await caller.ask(LIST_REQUEST, LIST, PATIENCE_MS)
      : await caller.ask(signRequest(id, 0, random.small(3000)), signature(id), PATIENCE_MS);
    isWell = end === 'answered';
  }
  // without waiting for the answer, in the middle of a request, with an end, or without
  if (random.once(8)) caller.send(LIST_REQUEST);
  if (random.once(8)) caller.send(signRequest(id).subarray(0, 9));
  if (random.once(2)) caller.close();
  else await caller.end(PATIENCE_MS);
  return isWell;
}

async function look(relay: RunningRelay, connections: number): Promise<Checkpoint> {
  await quiet(relay.processes);
  const pids = relay.processes();
  return {
    connections,
    memory: memoryOf(pids),
    wineserver: memoryOf(wineserver()),
    descriptors: descriptors(pids),
  };
}

function inMebibytes(checkpoint: Checkpoint | undefined): string {
  return ((checkpoint?.memory.own ?? 0) / MIB).toFixed(1);
}
