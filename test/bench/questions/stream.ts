/** Raw bytes through a pipe: how many, and for how much CPU time. */
import {cpuSeconds, isWindows, usedSince, wineserver} from '../processes.ts';
import {roomFor} from '../room.ts';
import {inTurn} from '../rounds.ts';
import type {Order, Streams} from '../ways/way.ts';
import type {Ask, Contestant, Round} from './question.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** What is moved first to learn how fast a way is, in bytes; then at most so much more each time, as long as it takes. */
const TRIAL = 64 * 1024;
const STEP = 4;
const MOST = 4 * GIB;
/** How long one order is to take, in milliseconds: far more than its way there and back. */
const ORDER_MS = 50;

type Cpu = {linux: number; windows: number; wineserver: number};
type Open = {contestant: Contestant; streams: Streams};
type Tally = {next: number; rates: number[]; moved: number; cpu: Cpu};

export const stream: Ask = async round => {
  for (const channels of round.plan.stream.channels) {
    let open = await openAll(round, channels);
    for (const direction of round.plan.stream.directions)
      for (const write of round.plan.stream.writes) {
        const failed = await measure(round, open, channels, {direction, write, total: TRIAL});
        open = open.filter(one => !failed.has(one));
      }
    for (const {streams} of open) await streams.close();
  }
};

async function openAll({contestants, leaveOut}: Round, channels: number): Promise<Open[]> {
  const open: Open[] = [];
  for (const contestant of contestants) {
    const {way, running} = contestant;
    const why = roomFor(way, channels);
    if (why === undefined)
      try {
        open.push({contestant, streams: await running.client.streams(channels)});
      } catch (error) {
        leaveOut(`${way.name}: ${channels} channels`, reason(error));
      }
    else leaveOut(`${way.name}: ${channels} channels`, why);
  }
  return open;
}

/** One kind of order, of each way in turn; gives those that failed, which are closed then. */
async function measure(
  round: Round,
  open: readonly Open[],
  channels: number,
  kind: Order,
): Promise<Set<Open>> {
  const {plan, server, add, leaveOut, say} = round;
  const {direction, write} = kind;
  const title = `${direction}, ${channels} × ${write} B`;
  const failed = new Set<Open>();
  const tallies = new Map<Open, Tally>();
  await inTurn(open, plan.stream.blocks + 1, async (one, block) => {
    if (failed.has(one)) return;
    const {way} = one.contestant;
    say(`stream ${title} (${server}): ${way.name}, ${block === 0 ? 'trial' : `block ${block}`}`);
    try {
      const tally = tallies.get(one);
      if (tally !== undefined) await moveBlock(one, kind, channels, tally, plan.stream.blockMs);
      else {
        const {next} = await move(one, kind, whole(TRIAL, write), plan.stream.blockMs);
        tallies.set(one, {next, rates: [], moved: 0, cpu: {linux: 0, windows: 0, wineserver: 0}});
      }
    } catch (error) {
      failed.add(one);
      leaveOut(`${way.name}: streams ${title}`, reason(error));
      await one.streams.close().catch(() => {});
    }
  });
  for (const [one, {rates, moved, cpu}] of tallies) {
    if (failed.has(one)) continue;
    const perGib = (seconds: number) => (seconds / moved) * GIB;
    add({
      question: 'stream',
      server,
      way: one.contestant.way.name,
      direction,
      write,
      channels,
      mebibytesPerSecond: median(rates),
      blocks: rates.length,
      cpu: {linux: perGib(cpu.linux), windows: perGib(cpu.windows), wineserver: perGib(cpu.wineserver)},
    });
  }
  return failed;
}

type Moved = {bytes: number; elapsed: number; next: number};

/** Order after order until the time is over; `next` is how much the order after these is to move. */
async function move({streams}: Open, kind: Order, next: number, ms: number): Promise<Moved> {
  const moved = {bytes: 0, elapsed: 0, next};
  while (moved.elapsed < ms) {
    const elapsed = await streams.exchange({...kind, total: moved.next});
    moved.bytes += moved.next;
    moved.elapsed += elapsed;
    const fits = (moved.next / Math.max(elapsed, 0.1)) * ORDER_MS;
    moved.next = whole(Math.min(fits, moved.next * STEP, MOST), kind.write);
  }
  return moved;
}

/** In whole writes, at least one. */
function whole(bytes: number, write: number): number {
  return Math.max(1, Math.round(bytes / write)) * write;
}

async function moveBlock(one: Open, kind: Order, channels: number, tally: Tally, ms: number): Promise<void> {
  const {running} = one.contestant;
  const before = timesOf(running.processes());
  const {bytes, elapsed, next} = await move(one, kind, tally.next, ms);
  const after = timesOf(running.processes());
  const moved = bytes * channels * (kind.direction === 'both' ? 2 : 1);
  tally.next = next;
  tally.moved += moved;
  tally.rates.push(moved / MIB / (elapsed / 1000));
  for (const side of ['linux', 'windows', 'wineserver'] as const)
    tally.cpu[side] += usedSince(before[side], after[side]);
}

type Times = Record<keyof Cpu, Map<number, number>>;

/** CPU seconds so far of each process of a way's two sides, and of wineserver. */
function timesOf(pids: readonly number[]): Times {
  const windows = pids.filter(isWindows);
  return {
    linux: cpuSeconds(pids.filter(pid => !windows.includes(pid))),
    windows: cpuSeconds(windows),
    wineserver: cpuSeconds(wineserver()),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
