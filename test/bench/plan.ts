/** How much of everything is measured. */
import type {Server} from './report/schema.ts';
import type {Direction} from './ways/way.ts';

/** Rounds in turn with the other ways; `few` of them for a way that starts a program for each connection. */
type Rounds = {rounds: number; few: number};

export type Plan = {
  fresh: {rounds: number};
  idle: {rounds: number};
  first: Rounds & {samples: number; fewSamples: number};
  spaced: {rounds: number; samples: number};
  second: {rounds: number; samples: number};
  /** By the size of the burst. */
  bursts: Map<number, Rounds>;
  held: {sizes: number[]; newOnes: number};
  stream: {writes: number[]; directions: Direction[]; channels: number[]; blocks: number; blockMs: number};
  /** Bounds in milliseconds: of ways that keep their processes, and of those that start one for each connection. */
  long: {connections: number; checkpoints: number; most: number; mostOfOthers: number};
};

const KIB = 1024;

const FULL: Plan = {
  fresh: {rounds: 6},
  idle: {rounds: 6},
  first: {rounds: 6, few: 6, samples: 200, fewSamples: 10},
  spaced: {rounds: 3, samples: 6},
  second: {rounds: 6, samples: 400},
  bursts: new Map([
    [1, {rounds: 16, few: 8}],
    [5, {rounds: 16, few: 4}],
    [20, {rounds: 12, few: 4}],
    [50, {rounds: 6, few: 2}],
    [200, {rounds: 4, few: 1}],
  ]),
  held: {sizes: [20, 200, 1000], newOnes: 20},
  stream: {
    writes: [64, KIB, 16 * KIB, 64 * KIB, KIB * KIB],
    directions: ['in', 'out', 'both'],
    channels: [1, 8],
    blocks: 3,
    blockMs: 130,
  },
  long: {connections: 10_000, checkpoints: 10, most: 120_000, mostOfOthers: 10_000},
};

const QUICK: Plan = {
  fresh: {rounds: 1},
  idle: {rounds: 1},
  first: {rounds: 2, few: 2, samples: 50, fewSamples: 3},
  spaced: {rounds: 1, samples: 2},
  second: {rounds: 2, samples: 50},
  bursts: new Map([
    [1, {rounds: 2, few: 2}],
    [20, {rounds: 2, few: 1}],
  ]),
  held: {sizes: [20], newOnes: 3},
  stream: {writes: [KIB, 64 * KIB], directions: ['in', 'out'], channels: [1], blocks: 1, blockMs: 150},
  long: {connections: 500, checkpoints: 5, most: 5000, mostOfOthers: 500},
};

/** With a real agent half of everything: it is there to show that the ways rank the same. */
export function planFor(quick: boolean, server: Server): Plan {
  const plan = quick ? QUICK : FULL;
  if (server === 'nothing') return plan;
  const halved = <T extends {rounds: number}>(part: T): T => ({...part, rounds: half(part.rounds)});
  const bursts = [...plan.bursts].map(
    ([size, {rounds, few}]) => [size, {rounds: half(rounds), few: half(few)}] as const,
  );
  return {
    ...plan,
    fresh: halved(plan.fresh),
    first: halved({...plan.first, few: half(plan.first.few)}),
    second: halved(plan.second),
    bursts: new Map(bursts),
  };
}

function half(rounds: number): number {
  return Math.ceil(rounds / 2);
}
