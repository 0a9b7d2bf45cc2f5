/** Helpers killed while their clients ask. */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Asked, Figures} from '../figures.ts';
import {Random} from '../fuzz/random.ts';
import {type Ground, onGround, type Place} from '../parts/ground.ts';
import {missText} from '../parts/load.ts';
import {beyondGoal} from '../parts/losses.ts';
import {twice} from '../parts/tally.ts';

const CLIENTS = 16;
const PATIENCE_MS = 20_000;
/** From the recovery to the next kill at most, and what an agent thinks about a request to sign, in milliseconds. */
const PAUSE_MS = 200;
const THINKS_MS = 25;

/** Goal: a helper that is killed costs at most one request a client, and no list; no agent hears a request twice. */
export function killHelpers(place: Place, kills: number, asked: Asked): Promise<Figures> {
  return onGround(place, ground => onIt(ground, kills, asked));
}

async function onIt(ground: Ground, kills: number, {seed, signal, report}: Asked): Promise<Figures> {
  const random = new Random(seed);
  const relay = await ground.startRelay();
  const load = ground.load({clients: CLIENTS, each: 40, thinks: THINKS_MS, patience: PATIENCE_MS, seed});
  let [done, unserved] = [0, 0];
  for (; done < kills && !signal.aborted; done++) {
    // each kill for itself: a request that met two of them would say nothing of one
    if (!(await load.recovered())) unserved++;
    await sleep(random.below(PAUSE_MS));
    const helpers = relay.helpers();
    const helper = helpers[random.below(helpers.length)];
    load.strike();
    if (helper !== undefined) process.kill(helper, 'SIGKILL');
    if (done % 20 === 19) report(`helper killed (${ground.place.name}): ${done + 1} of ${kills}`);
  }
  await load.stop();
  const code = await relay.stop();
  const again = twice(await ground.agent.tally());
  const left = await ground.stop();
  const lost = beyondGoal(load.misses);
  const refused = load.misses.filter(({kind}) => kind === 'sign').length;
  return {
    lines: [
      {
        what: `a helper killed under ${CLIENTS} clients (${ground.place.name})`,
        tried: done,
        lost: lost.length + unserved,
        left: left.length,
        seen: `${load.requests.toLocaleString('en')} requests, ${refused.toLocaleString('en')} to sign ended with their helper, everybody answered again within ${Math.round(load.longestPause)} ms`,
      },
      {
        what: `the same: requests to sign that an agent heard twice (${ground.place.name})`,
        tried: load.asked.sign,
        lost: again.length,
        left: 0,
      },
    ],
    findings: [
      ...lost.slice(0, 5).map(miss => `helper killed, seed ${seed}: ${missText(miss)}`),
      ...again.slice(0, 5).map(id => `helper killed, seed ${seed}: request ${id} came twice`),
      ...(unserved > 0
        ? [`helper killed: ${unserved} times somebody was not served within ${PATIENCE_MS} ms`]
        : []),
      ...left.map(what => `helper killed: left: ${what}`),
      ...(code === 0 ? [] : [`helper killed: the relay ended with ${code} instead of 0`]),
    ],
  };
}
