import {ancestors} from '../system/folders.ts';
import {type Change, change} from './change.ts';
import type {Entry} from './item.ts';
import type {Present} from './present.ts';

const MADE = ['made', 'make'] as const;

/**
 * The folders that have to be made before these changes, outermost first. They are recorded, so that they
 * go again when they are empty. `isPrivate`: nobody else may look into it. Pure.
 */
export function planFolders(
  changes: readonly Change[],
  present: Present,
  isPrivate: (path: string) => boolean,
): Change[] {
  const made = new Set<string>();
  const result: Change[] = [];
  for (const folder of changes.flatMap(({action}) => writtenPath(action)).flatMap(ancestors)) {
    if (made.has(folder) || present.files.has(folder)) continue;
    made.add(folder);
    const action = {do: 'make folder', path: folder, mode: isPrivate(folder) ? 0o700 : 0o755} as const;
    const entry: Entry = {kind: 'folder', path: folder};
    result.push(change(action, MADE, `the folder ${folder}`, {entry}));
  }
  // the innermost one says it all
  return result.map(folder =>
    hasInner(folder, made) ? {action: folder.action, entry: folder.entry} : folder,
  );
}

function hasInner({action}: Change, made: ReadonlySet<string>): boolean {
  return action.do === 'make folder' && [...made].some(path => path.startsWith(`${action.path}/`));
}

function writtenPath(action: Change['action']): string[] {
  return action.do === 'write' || action.do === 'copy exe' ? [action.path] : [];
}
