/** Connections that asked once and stay: their memory, and how a new one fares beside them. */
import {memoryOf} from '../memory.ts';
import {isWindows, wineserver} from '../processes.ts';
import {quiet} from '../quiet.ts';
import {roomFor} from '../room.ts';
import {startedAnew} from './anew.ts';
import {summaryOf} from './latency.ts';
import type {Ask, Contestant, Round} from './question.ts';

/** Before anything is held, so that what is there in any case is there. */
const WARM_UP = 20;

export const held: Ask = async round => {
  const names = round.contestants.map(({way}) => way.name);
  for (const {way} of round.contestants) {
    const {name, holdsLike} = way;
    if (holdsLike !== undefined && names.includes(holdsLike)) {
      round.leaveOut(`${name}: connections held`, `they have the same processes as those of ${holdsLike}`);
      continue;
    }
    await startedAnew(way, round, async running => {
      await running.client.first(WARM_UP);
      try {
        await holdMore({way, running}, round);
      } finally {
        // a relay that is stopped waits for its clients
        await running.client.release();
      }
    });
  }
};

async function holdMore(one: Contestant, {plan, server, add, leaveOut, say}: Round): Promise<void> {
  const {way, running} = one;
  const {client} = running;
  let holds = 0;
  for (const size of plan.held.sizes) {
    const why = roomFor(way, size);
    if (why !== undefined) {
      leaveOut(`${way.name}: ${size} connections held`, why);
      return;
    }
    say(`${size} held (${server}): ${way.name}`);
    const {failures} = await client.hold(size - holds);
    holds = size;
    await quiet(running.processes);
    const pids = running.processes();
    const windows = pids.filter(isWindows);
    const memory = {
      linux: memoryOf(pids.filter(pid => !windows.includes(pid))),
      windows: memoryOf(windows),
      wineserver: memoryOf(wineserver()),
    };
    const fresh = await client.first(plan.held.newOnes);
    add({
      question: 'held',
      server,
      way: way.name,
      size,
      failures,
      ...memory,
      ...summaryOf(fresh.samples),
      newFailures: fresh.failures,
    });
    if (failures > 0) {
      leaveOut(`${way.name}: more than ${size} connections held`, `of ${size}, ${failures} had no answer`);
      return;
    }
  }
}
