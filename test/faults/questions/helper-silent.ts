/** A helper that lives and does nothing, as after Windows has slept: stopped by SIGSTOP while clients ask. */
import {setTimeout as sleep} from 'node:timers/promises';
import {isRunning} from '../../is-running.ts';
import type {Asked, Figures} from '../figures.ts';
import {Caller} from '../parts/caller.ts';
import {type Ground, onGround, type Place, type RunningRelay} from '../parts/ground.ts';
import {LIST, LIST_REQUEST, signature, signRequest} from '../parts/requests.ts';
import {twice} from '../parts/tally.ts';

const CLIENTS = 16;

/** The goals: the next client is answered, and those who wait are answered or told, within so many milliseconds. */
const NEXT_MS = 5000;
const WAITING_MS = 15_000;
/** Until the helper is given up on; more than the goals, so that it is seen by how much they are missed. */
const PATIENCE_MS = 20_000;
/** A person who thinks about one request, far longer than a helper may be silent. */
const PERSON_MS = 25_000;

export function silenceHelpers(place: Place, stops: number, asked: Asked): Promise<Figures> {
  return onGround(place, async ground => {
    const findings: string[] = [];
    const relay = await ground.startRelay();
    let [done, lost, next, waiting, told] = [0, 0, 0, 0, 0];
    const person = asked.quick ? undefined : thinkLong(ground);
    // the person's own helper may be any: nobody stops one before they are done
    if (person !== undefined && (await person) !== 'answered') {
      lost++;
      findings.push(`helper silent: a person who took ${PERSON_MS / 1000} s: ${await person}`);
    }
    for (; done < stops && !asked.signal.aborted; done++) {
      const round = await silence(ground, relay, done);
      lost += round.lost;
      told += round.told;
      next = Math.max(next, round.next);
      waiting = Math.max(waiting, round.waiting);
      findings.push(...round.findings.map(what => `helper silent, round ${done}: ${what}`));
      asked.report(`helper silent (${place.name}): ${done + 1} of ${stops}`);
    }
    const code = await relay.stop();
    if (code !== 0) findings.push(`helper silent: the relay ended with ${code} instead of 0`);
    const again = twice(await ground.agent.tally());
    const left = await ground.stop();
    const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
    return {
      lines: [
        {
          what: `a helper stopped (SIGSTOP) under ${CLIENTS} clients (${place.name})`,
          tried: done,
          lost: lost + again.length,
          left: left.length,
          seen: `the next client answered within ${seconds(next)}, those who waited within ${seconds(waiting)}, of whom ${told} were refused`,
        },
      ],
      findings: [...findings, ...left.map(what => `helper silent: left: ${what}`)],
    };
  });
}

async function thinkLong({socket}: Ground): Promise<string> {
  const caller = await Caller.to(socket);
  const end = await caller?.ask(signRequest(1, PERSON_MS), signature(1), PERSON_MS + PATIENCE_MS);
  caller?.close();
  return end ?? 'nobody listens';
}

async function silence({socket}: Ground, relay: RunningRelay, round: number) {
  const findings: string[] = [];
  const clients = await Promise.all(Array.from({length: CLIENTS}, () => Caller.to(socket)));
  // everybody has been served once, so that their helper is known
  await Promise.all(clients.map(caller => caller?.ask(LIST_REQUEST, LIST, PATIENCE_MS)));
  const helpers = relay.helpers();
  for (const helper of helpers) process.kill(helper, 'SIGSTOP');
  const stopped = performance.now();
  const since = () => performance.now() - stopped;
  let [next, waiting] = [0, 0];
  const waits = clients.map(async (caller, client) => {
    const id = 1e6 * (round + 1) + client;
    const asks =
      client % 2 === 0 ? ([LIST_REQUEST, LIST] as const) : ([signRequest(id), signature(id)] as const);
    const end = (await caller?.ask(...asks, PATIENCE_MS)) ?? 'closed';
    waiting = Math.max(waiting, since());
    caller?.close();
    return {end, isList: client % 2 === 0};
  });
  const fresh = await Caller.to(socket);
  const freshEnd = await fresh?.ask(LIST_REQUEST, LIST, PATIENCE_MS);
  next = since();
  fresh?.close();
  const ends = await Promise.all(waits);
  // who has not been ended by the relay goes on, or nobody could be asked any more
  for (const helper of helpers) if (isRunning(helper)) process.kill(helper, 'SIGCONT');
  if (freshEnd !== 'answered' || next > NEXT_MS)
    findings.push(`the next client: ${freshEnd} after ${Math.round(next)} ms`);
  const bad = ends.filter(({end, isList}) => !(end === 'answered' || (end === 'refused' && !isList)));
  if (bad.length > 0 || waiting > WAITING_MS)
    findings.push(
      `those who waited, after ${Math.round(waiting)} ms: ${ends.map(({end}) => end).join(', ')}`,
    );
  const told = ends.filter(({end}) => end === 'refused').length;
  await sleep(100);
  return {
    findings,
    next,
    waiting,
    told,
    lost: bad.length + (freshEnd === 'answered' && next <= NEXT_MS ? 0 : 1),
  };
}
