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
/** From one kill to the next, and what an agent thinks about a request to sign, in milliseconds. */
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
  let done = 0;
  while (done < kills && !signal.aborted) {
    await sleep(PAUSE_MS / 2 + random.below(PAUSE_MS));
    const helpers = relay.helpers();
    const helper = helpers[random.below(helpers.length)];
    if (helper === undefined || !load.recovered) continue;
    load.strike();
    process.kill(helper, 'SIGKILL');
    if (++done % 20 === 0) report(`helper killed (${ground.place.name}): ${done} of ${kills}`);
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
        lost: lost.length,
        left: left.length,
        seen: `${load.requests.toLocaleString('en')} requests, ${refused} to sign ended with their helper, answers again within ${Math.round(load.longestPause)} ms`,
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
      ...left.map(what => `helper killed: left: ${what}`),
      ...(code === 0 ? [] : [`helper killed: the relay ended with ${code} instead of 0`]),
    ],
  };
}
