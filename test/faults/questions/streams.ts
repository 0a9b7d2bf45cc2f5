/** Streams of many clients, cut, mutated, half-closed and dropped, through a relay and a helper to an agent. */
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {memoryOf} from '../../bench/memory.ts';
import {descriptors} from '../../bench/processes.ts';
import {quiet} from '../../bench/quiet.ts';
import type {Asked, Figure, Figures} from '../figures.ts';
import {Random} from '../fuzz/random.ts';
import {type Double, startAssuan, startEcho} from '../parts/doubles.ts';
import {type Ground, onGround, type Place, type RelayOptions, type RunningRelay} from '../parts/ground.ts';
import {type Manner, stream} from '../parts/stream.ts';
import {assuanWish, rawWish, sshAgentWish, type Wish} from '../parts/wishes.ts';

const CLIENTS = 24;
const PATIENCE_MS = 30_000;
/** Clients before the first look, all at once. */
const WARM_UP = 100;
const MIB = 1024 ** 2;
/** Of relay and helper together, at any time: an idle pair has 40 MiB for itself. */
const MEMORY_MAX = 400 * MIB;
/** How long what is left of clients may be there after the last, in milliseconds. */
const SETTLES_MS = 20_000;
const LOOK_MS = 1000;

const PROTOCOLS = [
  {protocol: 'ssh-agent', wish: sshAgentWish, share: 0.6, double: undefined},
  {protocol: 'raw', wish: rawWish, share: 0.2, double: startEcho},
  {protocol: 'assuan', wish: assuanWish, share: 0.2, double: startAssuan},
] as const;

type Protocol = (typeof PROTOCOLS)[number];

/** Goal: no crash, no hang, bounded memory, and each client gets what its requests ask for, in order. */
export function streams(
  place: Place,
  count: number,
  asked: Asked,
  protocols: readonly Protocol['protocol'][] = ['ssh-agent', 'raw', 'assuan'],
): Promise<Figures> {
  return onGround(place, async ground => {
    const lines: Figure[] = [];
    const findings: string[] = [];
    for (const one of PROTOCOLS.filter(({protocol}) => protocols.includes(protocol))) {
      const told = await ofProtocol(ground, one, Math.ceil(count * one.share), asked);
      lines.push(told.line);
      findings.push(...told.findings);
    }
    const left = await ground.stop();
    return {lines, findings: [...findings, ...left.map(what => `streams: left: ${what}`)]};
  });
}

async function ofProtocol(ground: Ground, {protocol, wish, double}: Protocol, count: number, asked: Asked) {
  const server = await double?.(join(ground.folder, protocol));
  const options: Partial<RelayOptions> = {protocol, socket: join(ground.folder, `${protocol}.sock`)};
  const relay = await ground.startRelay(server === undefined ? options : {...options, target: server.target});
  try {
    return await run(
      relay,
      {place: ground.place.name, protocol, wish, server, socket: options.socket ?? ''},
      count,
      asked,
    );
  } finally {
    await relay.stop();
    server?.stop();
  }
}

type Way = {
  place: string;
  protocol: string;
  wish(random: Random): Wish;
  server: Double | undefined;
  socket: string;
};

async function run(relay: RunningRelay, way: Way, count: number, {seed, signal, report}: Asked) {
  const {place, protocol} = way;
  const findings: string[] = [];
  const say = (what: string) => findings.push(`streams of ${protocol}, seed ${seed}: ${what}`);
  // threads and caches are there then, and with them what they hold open
  await Promise.all(Array.from({length: WARM_UP}, (_, client) => one(way, new Random(seed - client))));
  await quiet(relay.processes);
  const before = {helpers: relay.helpers().join(), descriptors: descriptors(relay.processes())};
  let [done, lost, most] = [0, 0, 0];
  let isOver = false;
  const watch = (async () => {
    for (; !isOver; await sleep(LOOK_MS)) {
      most = Math.max(most, memoryOf(relay.processes()).own);
      report(`streams of ${protocol}: ${done} of ${count}, ${Math.round(most / MIB)} MiB at most`);
    }
  })();
  const clients = Array.from({length: CLIENTS}, async () => {
    while (done < count && !signal.aborted && lost < 100) {
      const number = ++done;
      const fault = await one(way, new Random(seed + number));
      if (fault === undefined) continue;
      lost++;
      if (lost <= 5) say(`client ${number}: ${fault}`);
    }
  });
  await Promise.all(clients);
  isOver = true;
  await watch;
  if (most > MEMORY_MAX) say(`relay and helpers had ${Math.round(most / MIB)} MiB`);
  const helpers = relay.helpers().join();
  const died = (await relay.output()).split('\n').filter(line => / (warning|error): helper \d+: /.test(line));
  for (const line of died.slice(0, 3)) say(line);
  if (relay.child.process.exitCode !== null) say('the relay ended');
  const stays = await settled(relay, before.descriptors, helpers === before.helpers);
  if (stays > 0) say(`${stays} descriptors more than before`);
  const seen = `${Math.round(most / MIB)} MiB at most`;
  const line = {
    what: `client streams, mutated and cut (${protocol}, ${place})`,
    tried: done,
    lost,
    left: stays,
    seen,
  };
  return {line, findings};
}

/** How many descriptors stay; nothing can be said of that when there are other helpers than before. */
async function settled(relay: RunningRelay, before: number, isSame: boolean): Promise<number> {
  if (!isSame) return 0;
  const now = () => descriptors(relay.processes()) - before;
  for (const end = performance.now() + SETTLES_MS; now() > 0 && performance.now() < end; ) await sleep(100);
  return Math.max(0, now());
}

async function one({wish, socket}: Way, random: Random): Promise<string | undefined> {
  const {bytes, enough, check, checkPart} = wish(random);
  const manner: Manner = random.pick(['ends', 'ends', 'reads', 'drops', 'floods']);
  const got = await stream(socket, bytes, manner, {random, enough, patience: PATIENCE_MS});
  const fault = got.how === 'dropped' ? checkPart(got.bytes) : check(got.bytes);
  if (got.how === 'late')
    return `${manner}: nothing for ${PATIENCE_MS} ms after ${got.bytes.length} of ${enough} bytes`;
  return fault === undefined ? undefined : `${manner}, ${got.how}: ${fault}`;
}
