import type {Miss} from './load.ts';

/**
 * What a killed helper may not cost: a list, which can be asked again, a second request of a client in the same round,
 * an answer that is another's, and silence.
 */
export function beyondGoal(misses: readonly Miss[]): Miss[] {
  const had = new Set<string>();
  return misses.filter(({client, round, kind, end}) => {
    if (kind !== 'sign' || end === 'wrong' || end === 'late') return true;
    const key = `${client} ${round}`;
    const isFirst = !had.has(key);
    had.add(key);
    return !isFirst;
  });
}
