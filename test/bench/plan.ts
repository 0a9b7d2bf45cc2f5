/** How much of everything is measured. */
import type {Direction} from './ways/way.ts';

export type Plan = {
  /** Blocks of each way, in turn with the others. */
  first: {blocks: number; samples: number; slowest: number};
  second: {blocks: number; samples: number};
  fresh: {rounds: number};
  idle: {rounds: number};
  /** Rounds for each size of a burst. */
  bursts: Map<number, number>;
  held: {sizes: number[]; newOnes: number};
  stream: {writes: number[]; directions: Direction[]; channels: number[]; blocks: number; blockMs: number};
  /** Bounds in milliseconds: of ways that keep their processes, and of those that start one for each connection. */
  long: {connections: number; checkpoints: number; most: number; mostOfOthers: number};
};

const KIB = 1024;

const FULL: Plan = {
  first: {blocks: 5, samples: 200, slowest: 20},
  second: {blocks: 5, samples: 400},
  fresh: {rounds: 7},
  idle: {rounds: 7},
  bursts: new Map([
    [1, 20],
    [5, 20],
    [20, 15],
    [50, 6],
    [200, 4],
  ]),
  held: {sizes: [20, 200, 1000], newOnes: 40},
  stream: {
    writes: [64, KIB, 16 * KIB, 64 * KIB, KIB * KIB],
    directions: ['in', 'out', 'both'],
    channels: [1, 8],
    blocks: 3,
    blockMs: 300,
  },
  long: {connections: 10_000, checkpoints: 10, most: 120_000, mostOfOthers: 20_000},
};

const QUICK: Plan = {
  first: {blocks: 2, samples: 50, slowest: 3},
  second: {blocks: 2, samples: 50},
  fresh: {rounds: 1},
  idle: {rounds: 1},
  bursts: new Map([
    [1, 2],
    [20, 1],
  ]),
  held: {sizes: [20], newOnes: 5},
  stream: {writes: [KIB, 64 * KIB], directions: ['in', 'out'], channels: [1], blocks: 1, blockMs: 200},
  long: {connections: 500, checkpoints: 5, most: 5000, mostOfOthers: 500},
};

export function planFor(quick: boolean): Plan {
  return quick ? QUICK : FULL;
}
