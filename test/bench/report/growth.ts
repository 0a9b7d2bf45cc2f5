/** Whether something grows with the number of connections, or only moves. */
import type {Checkpoint} from './schema.ts';

/** Heaps are not swept to the last byte: so much more memory is no growth, in bytes. */
const SLACK = 4 * 1024 ** 2;

const MEASURES: Record<string, {of(checkpoint: Checkpoint): number; slack: number}> = {
  memory: {of: ({memory}) => memory.own, slack: SLACK},
  'memory of wineserver': {of: ({wineserver}) => wineserver.own, slack: SLACK},
  descriptors: {of: ({descriptors}) => descriptors, slack: 0},
  processes: {of: ({memory}) => memory.processes, slack: 0},
};

/**
 * The names of what grows: of which there is, in the last third of the checkpoints, always more than there ever was in
 * the first third.
 */
export function growing(checkpoints: readonly Checkpoint[]): string[] {
  const third = Math.max(1, Math.floor(checkpoints.length / 3));
  const [early, late] = [checkpoints.slice(0, third), checkpoints.slice(-third)];
  if (checkpoints.length < 2) return [];
  return Object.entries(MEASURES)
    .filter(([, {of, slack}]) => Math.min(...late.map(of)) > Math.max(...early.map(of)) + slack)
    .map(([name]) => name);
}
