/** The agent killed and started again while clients ask. */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Asked, Figures} from '../figures.ts';
import {Random} from '../fuzz/random.ts';
import {onGround, type Place} from '../parts/ground.ts';
import {missText} from '../parts/load.ts';
import {twice} from '../parts/tally.ts';

const CLIENTS = 16;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 300;
/** How long there is no agent, in milliseconds. */
const AWAY_MS = 300;
const THINKS_MS = 25;

/** Goal: while there is no agent everybody is told so, and as soon as there is one they are served; nothing comes twice. */
export function killAgents(place: Place, kills: number, {seed, signal, report}: Asked): Promise<Figures> {
  return onGround(place, async ground => {
    const random = new Random(seed);
    const relay = await ground.startRelay();
    const {agent} = ground;
    const load = ground.load({
      clients: CLIENTS,
      each: 20,
      thinks: THINKS_MS,
      patience: PATIENCE_MS,
      seed,
    });
    let [done, unserved] = [0, 0];
    for (; done < kills && !signal.aborted; done++) {
      await sleep(PAUSE_MS / 2 + random.below(PAUSE_MS));
      await agent.kill();
      await sleep(random.below(AWAY_MS));
      await agent.start();
      load.strike();
      if (!(await load.recovered())) unserved++;
      if (done % 5 === 4) report(`agent killed (${place.name}): ${done + 1} of ${kills}`);
    }
    await load.stop();
    const code = await relay.stop();
    const again = twice(await agent.tally());
    const left = await ground.stop();
    // that there is no agent is said by a refusal; anything else is not what a client can understand
    const lost = load.misses.filter(({end}) => end !== 'refused');
    const refused = load.misses.length - lost.length;
    return {
      lines: [
        {
          what: `the agent killed and started again under ${CLIENTS} clients (${place.name})`,
          tried: done,
          lost: lost.length + unserved + again.length,
          left: left.length,
          seen: `${load.requests.toLocaleString('en')} requests, ${refused.toLocaleString('en')} refused while it was away, ${again.length} came twice, everybody answered again within ${Math.round(load.longestPause)} ms`,
        },
      ],
      findings: [
        ...lost.slice(0, 5).map(miss => `agent killed, seed ${seed}: ${missText(miss)}`),
        ...again.slice(0, 5).map(id => `agent killed, seed ${seed}: request ${id} came twice`),
        ...(unserved > 0
          ? [`agent killed: ${unserved} times nobody was served within ${PATIENCE_MS} ms`]
          : []),
        ...(code === 0 ? [] : [`agent killed: the relay ended with ${code} instead of 0`]),
        ...left.map(what => `agent killed: left: ${what}`),
      ],
    };
  });
}
