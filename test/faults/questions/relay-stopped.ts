/** A relay that systemd started, stopped while clients come and ask: the next one serves who came too late. */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Asked, Figures} from '../figures.ts';
import {Random} from '../fuzz/random.ts';
import {type Activated, startActivated} from '../parts/activated.ts';
import {type Ground, onGround, type Place} from '../parts/ground.ts';
import {missText} from '../parts/load.ts';
import {twice} from '../parts/tally.ts';

const CLIENTS = 50;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 400;
const THINKS_MS = 10;

/** How a relay under some activation is stopped. */
export type Stopping = Pick<Activated, 'socket' | 'codes' | 'stop'> & {
  /** How long a relay is left alone at most once it is ready, in milliseconds: until it has served some. */
  pause: number;
  /** Waits until a relay serves that was not stopped yet. */
  ready(): Promise<void>;
  stopRelay(): Promise<void>;
};

/** Goal: none of the requests of clients that come, ask and go is lost. */
export function stopRelays(
  place: Place,
  stops: number,
  asked: Asked,
  start: (ground: Ground) => Promise<Stopping> = activated,
  name = place.name,
): Promise<Figures> {
  return onGround(place, async ground => {
    const {seed, signal, report} = asked;
    const random = new Random(seed);
    const stopping = await start(ground);
    const {socket} = stopping;
    const load = ground.load({
      socket,
      clients: CLIENTS,
      each: 1,
      thinks: THINKS_MS,
      patience: PATIENCE_MS,
      seed,
    });
    const bad: number[] = [];
    let done = 0;
    try {
      while (done < stops && !signal.aborted) {
        await stopping.ready();
        // at times at once: some were just accepted
        await sleep(random.below(4) * random.below(stopping.pause / 3));
        load.strike();
        await stopping.stopRelay();
        if (++done % 10 === 0) report(`relay stopped (${name}): ${done} of ${stops}`);
      }
      await load.stop();
      bad.push(...(await stopping.codes()).filter(code => code !== 0));
    } finally {
      await stopping.stop();
    }
    const again = twice(await ground.agent.tally());
    const left = await ground.stop();
    return {
      lines: [
        {
          what: `SIGTERM to the relay under ${CLIENTS} clients (${name})`,
          tried: done,
          lost: load.misses.length,
          left: left.length,
          seen: `${load.requests.toLocaleString('en')} connections, ${again.length} requests twice, everybody answered again within ${Math.round(load.longestPause)} ms`,
        },
      ],
      findings: [
        ...load.misses.slice(0, 5).map(miss => `relay stopped, seed ${seed}: ${missText(miss)}`),
        ...again.slice(0, 5).map(id => `relay stopped, seed ${seed}: request ${id} came twice`),
        ...bad.map(code => `relay stopped: a relay ended with ${code} instead of 0`),
        ...left.map(what => `relay stopped: left: ${what}`),
      ],
    };
  });
}

async function activated(ground: Ground): Promise<Stopping> {
  const all = await startActivated(ground);
  let pid = 0;
  return {
    ...all,
    pause: PAUSE_MS,
    async ready() {
      pid = await all.relay();
    },
    async stopRelay() {
      process.kill(pid, 'SIGTERM');
    },
  };
}
