import {setTimeout as sleep} from 'node:timers/promises';
import {burst} from './burst.ts';
import {hold} from './hold.ts';
import {type Memory, memoryOf, type Owner, socketOwner} from './memory.ts';
import type {Burst, Held, SocketReport, Throughput, Timed} from './report.ts';
import {furtherRequests, visits} from './sequence.ts';
import type {BenchSocket} from './sockets.ts';
import {Subject} from './subject.ts';
import {throughput} from './throughput.ts';

const THROUGHPUT = [1, 8];

/** Connections at the same moment, and connections held; the larger ones are for sockets that take them lightly. */
const BURSTS = [1, 5, 20, 50];
const HELD = [20, 200];

/** From here on, a new connection is taken to start a program, in milliseconds; no more than HEAVY_MAX are made then. */
const HEAVY_MS = 15;
const HEAVY_MAX = 20;

/** How long Windows is given to start the helper that is kept ready, before a connection is timed, in milliseconds. */
const SETTLE_MS = 500;

/** How much longer than asked for the first answer and all questions may take together, in seconds. */
const GRACE = 5;

/** What the very first connection showed; `elapsed` in milliseconds. */
export type First = {keys: number; elapsed: number};

export type MeasureOptions = {
  /** About how long it takes. */
  seconds: number;
  /** Hears what is being measured. */
  say(what: string): void;
};

/** What all questions of one socket share. */
type Run = MeasureOptions & {
  subject: Subject;
  /** What each question has its share of, in milliseconds. */
  ms: number;
  /** The most connections that are made at a time. */
  most: number;
  leftOut: string[];
};

/** Asks all questions of one socket, whose first answer has come already. */
export async function measure(
  {endpoint, path, holds}: BenchSocket,
  first: First,
  {seconds, say}: MeasureOptions,
): Promise<SocketReport> {
  const left = Math.max(1000, 1000 * (seconds + GRACE) - first.elapsed);
  const ms = Math.min(1000 * seconds, left);
  const subject = new Subject(path, left);
  const leftOut: string[] = [];

  say('one more request on an open connection');
  const second = await furtherRequests(subject, {count: 30 * seconds, ms: 0.1 * ms});
  await sleep(SETTLE_MS);
  say('one connection after another');
  const warm = await visits(subject, {count: 20 * seconds, ms: 0.2 * ms});

  const run: Run = {seconds, say, subject, ms, most: mostAtATime(warm, leftOut), leftOut};
  const rates = await allThroughput(run);
  const bursts = await allBursts(run);
  const {owner, memory} = await memoryAtRest(run);
  const held = await allHeld(run, owner, holds);

  const {requests, failures, reasons} = subject;
  return {
    endpoint,
    socket: path,
    keys: first.keys,
    first: first.elapsed,
    second,
    warm,
    throughput: rates,
    bursts,
    memory,
    held,
    // with the very first
    requests: requests + 1,
    failures,
    reasons,
    leftOut,
  };
}

/** A crowd would weigh on a machine where each connection starts a program of its own. */
function mostAtATime({ms}: Timed, leftOut: string[]): number {
  if (ms !== null && ms.p50 < HEAVY_MS) return Number.POSITIVE_INFINITY;
  if (ms !== null)
    leftOut.push(
      `more than ${HEAVY_MAX} connections: a new one takes ${Math.round(ms.p50)} ms, as where each starts a program`,
    );
  return HEAVY_MAX;
}

/** Whether there is time for a question; if not, it is noted why. */
function goes({subject: {over}, leftOut, say}: Run, what: string): boolean {
  if (over === undefined) say(what);
  else leftOut.push(`${what}, and what comes after that: ${over}`);
  return over === undefined;
}

async function allThroughput(run: Run): Promise<Throughput[]> {
  const results: Throughput[] = [];
  for (const connections of THROUGHPUT) {
    if (!goes(run, `requests per second, ${connections} at a time`)) break;
    results.push(await throughput(run.subject, connections, 0.08 * run.ms));
  }
  return results;
}

/** No larger one is made after one that was not answered in full. */
async function allBursts(run: Run): Promise<Burst[]> {
  const {subject, most, ms, seconds, leftOut} = run;
  const sizes = BURSTS.filter(size => size <= most);
  const results: Burst[] = [];
  for (const connections of sizes) {
    if (!goes(run, `${connections} at once`)) break;
    const result = await burst(subject, connections, {count: Math.ceil(seconds / 2), ms: 0.06 * ms});
    results.push(result);
    if (result.failures === 0 || connections === sizes.at(-1)) continue;
    leftOut.push(`more than ${connections} at once: not all of those were answered`);
    break;
  }
  return results;
}

async function memoryAtRest({subject: {path}, leftOut}: Run): Promise<{owner: Owner; memory: Memory | null}> {
  const owner = await socketOwner(path);
  const memory = 'reason' in owner ? undefined : memoryOf(owner);
  if ('reason' in owner) leftOut.push(`memory: ${owner.reason}`);
  else if (memory === undefined)
    leftOut.push(`memory: that of ${owner.program} (pid ${owner.pid}) cannot be read`);
  return {owner, memory: memory ?? null};
}

async function allHeld(run: Run, owner: Owner, holds: BenchSocket['holds']): Promise<Held[]> {
  const {subject, most, ms, seconds, leftOut} = run;
  const results: Held[] = [];
  for (const connections of HELD.filter(size => size <= most)) {
    if (holds !== undefined && connections >= holds.most) {
      leftOut.push(`${connections} held: ${holds.reason}`);
      break;
    }
    if (!goes(run, `${connections} held`)) break;
    const result = await hold(subject, connections, {count: 2 * seconds, ms: 0.05 * ms}, owner);
    results.push(result);
    const unasked = result.fresh.ms === null && result.fresh.failures === 0;
    if (result.connections < connections)
      leftOut.push(`${connections} held: ${subject.over ?? `only ${result.connections} were answered`}`);
    else if (unasked) leftOut.push(`a new one beside ${connections} held: ${subject.over}`);
    else continue;
    break;
  }
  return results;
}
