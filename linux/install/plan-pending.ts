import type {Change} from './change.ts';
import {type Entry, keyOf} from './item.ts';
import {holdsLines} from './lines.ts';
import type {Present} from './present.ts';

/**
 * What becomes of entries that were written down before they were made, when an installation was cut short and no change
 * of this plan deals with them: what is there was made, and what is not was not. Pure.
 */
export function settlePending(
  entries: readonly Entry[],
  changes: readonly Change[],
  present: Present,
): Change[] {
  const planned = new Set(
    changes.flatMap(({entry, drops}) => [entry === undefined ? [] : keyOf(entry), drops ?? []].flat()),
  );
  return entries
    .filter(entry => entry.pending === true && !planned.has(keyOf(entry)))
    .map((entry): Change => {
      const action = {do: 'note down'} as const;
      return isMade(entry, present) ? {action, entry: settled(entry)} : {action, drops: keyOf(entry)};
    });
}

function isMade(entry: Entry, present: Present): boolean {
  if (entry.kind === 'mask') return present.units.get(entry.unit)?.load === 'masked';
  const state = present.files.get(entry.path);
  if (entry.kind === 'folder') return state?.kind === 'folder';
  if (state?.kind !== 'file') return false;
  return entry.kind === 'lines'
    ? state.content !== undefined && holdsLines(state.content, entry.text)
    : state.sha256 === entry.sha256;
}

function settled(entry: Entry): Entry {
  const {pending: _, ...rest} = entry;
  if (!('was' in rest)) return rest;
  const {was: __, ...made} = rest;
  return made;
}
