/** The relay killed while clients ask. */
import {setTimeout as sleep} from 'node:timers/promises';
import {isRunning} from '../../is-running.ts';
import {poll} from '../../twin/poll.ts';
import type {Asked, Figures} from '../figures.ts';
import {Caller} from '../parts/caller.ts';
import {type Ground, onGround, type Place} from '../parts/ground.ts';
import {LIST, LIST_REQUEST, signature, signRequest} from '../parts/requests.ts';
import {twice} from '../parts/tally.ts';

const CLIENTS = 16;
/** Longer than anything here waits, so that requests are open when the relay dies. */
const THINKS_MS = 60_000;
const ANSWER_MS = 20_000;

/** The kernel closes what a dead process had: who is not told within this time is not told at once, in milliseconds. */
const AT_ONCE_MS = 1000;
const LEAVES_MS = 10_000;

/** Goal: everybody sees the end at once, the helpers leave, and the next relay serves on the same path. */
export function killRelays(place: Place, kills: number, asked: Asked): Promise<Figures> {
  return onGround(place, async ground => {
    const findings: string[] = [];
    let [done, unaware, helpersLeft, longest] = [0, 0, 0, 0];
    for (; done < kills && !asked.signal.aborted; done++) {
      const round = await killOne(ground, done);
      findings.push(...round.findings.map(what => `relay killed, round ${done}: ${what}`));
      unaware += round.lost;
      helpersLeft += round.helpersLeft;
      longest = Math.max(longest, round.longest);
      if (done % 5 === 4) asked.report(`relay killed (${ground.place.name}): ${done + 1} of ${kills}`);
    }
    const last = await ground.startRelay();
    if ((await askOnce(ground.socket)) !== 'answered')
      findings.push('relay killed: the last relay does not serve');
    await last.stop();
    const again = twice(await ground.agent.tally());
    const left = await ground.stop();
    return {
      lines: [
        {
          what: `SIGKILL to the relay under ${CLIENTS} clients that wait (${place.name})`,
          tried: done,
          lost: unaware + again.length,
          left: left.length + helpersLeft,
          seen: `everybody saw the end within ${Math.round(longest)} ms, the next relay served each time`,
        },
      ],
      findings: [...findings, ...left.map(what => `relay killed: left: ${what}`)],
    };
  });
}

async function askOnce(socket: string): Promise<string> {
  const caller = await Caller.to(socket);
  if (caller === undefined) return 'nobody listens';
  const end = await caller.ask(LIST_REQUEST, LIST, ANSWER_MS);
  caller.close();
  return end;
}

async function killOne(ground: Ground, round: number) {
  const findings: string[] = [];
  const relay = await ground.startRelay();
  // the socket of the one before lies there still
  const first = await askOnce(ground.socket);
  if (first !== 'answered') findings.push(`the first request: ${first}`);
  const clients = await Promise.all(Array.from({length: CLIENTS}, () => Caller.to(ground.socket)));
  const ids = clients.map((_, client) => 1e6 * (round + 1) + client);
  for (const [client, caller] of clients.entries()) caller?.send(signRequest(ids[client] ?? 0, THINKS_MS));
  const came = async () => {
    const tally = await ground.agent.tally();
    return ids.every(id => tally.has(id));
  };
  await poll('all requests to reach the agent', ANSWER_MS, came).catch(error => findings.push(error.message));
  const helpers = relay.helpers();
  const killed = performance.now();
  await relay.kill();
  let longest = 0;
  const ends = await Promise.all(
    clients.map(async (caller, client) => {
      const end = await caller?.told(signature(ids[client] ?? 0), ANSWER_MS);
      longest = Math.max(longest, performance.now() - killed);
      caller?.close();
      return end;
    }),
  );
  const lost = ends.filter(end => end !== 'closed').length + (longest > AT_ONCE_MS ? 1 : 0);
  if (lost > 0) findings.push(`after ${Math.round(longest)} ms the clients saw: ${ends.join(', ')}`);
  await poll('helpers to leave', LEAVES_MS, () => !helpers.some(isRunning)).catch(() => sleep(0));
  const helpersLeft = helpers.filter(isRunning).length;
  if (helpersLeft > 0) findings.push(`${helpersLeft} helpers stay`);
  return {findings, lost, helpersLeft, longest};
}
