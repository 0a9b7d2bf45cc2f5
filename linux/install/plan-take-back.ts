import {type Change, change, type Note, type Plan} from './change.ts';
import {type Entry, type Item, keyOf} from './item.ts';
import {holdsLines, removeLines} from './lines.ts';
import {sha256} from './plan-items.ts';
import {type FileState, type Present, seen} from './present.ts';

type Of<K extends Entry['kind']> = Extract<Entry, {kind: K}>;
type Outcome = {changes: Change[]; note?: Note};

const REMOVE = ['removed', 'remove'] as const;
const RESTORE = ['put back', 'put back'] as const;

/**
 * How entries are taken back, last first: what is still as it was left goes away, what a person changed
 * stays and is named. Pure.
 */
export function planTakeBack(entries: readonly Entry[], present: Present): Plan {
  const plan: Plan = {changes: [], notes: []};
  const last = entries.toReversed();
  for (const entry of last) {
    const {changes, note} = takeBack(entry, present);
    plan.changes.push(...changes);
    if (note !== undefined) plan.notes.push(note);
  }
  // a socket does not start while its service is masked
  plan.changes.push(...last.flatMap(entry => (entry.kind === 'mask' ? startAgain(entry, present) : [])));
  return plan;
}

/** Folders that we made and that nothing which stays is in. */
export function unusedFolders(entries: readonly Entry[], staying: readonly (Item | Entry)[]): Entry[] {
  const paths = staying.flatMap(thing =>
    thing.kind === 'mask' || thing.kind === 'folder' ? [] : thing.path,
  );
  return entries.filter(
    entry => entry.kind === 'folder' && !paths.some(path => path.startsWith(`${entry.path}/`)),
  );
}

function takeBack(entry: Entry, present: Present): Outcome {
  switch (entry.kind) {
    case 'folder':
      return {
        changes: [
          change(
            {do: 'remove folder', path: entry.path},
            REMOVE,
            `the empty folder ${entry.path}`,
            drops(entry),
          ),
        ],
      };
    case 'file':
      return takeBackFile(entry, present.files.get(entry.path));
    case 'exe':
      return takeBackExe(entry, present.files.get(entry.path));
    case 'lines':
      return takeBackLines(entry, present.files.get(entry.path));
    case 'mask':
      return takeBackMask(entry, present);
  }
}

function drops(entry: Entry): {drops: string} {
  return {drops: keyOf(entry)};
}

/** The thing is gone already, or was never made. */
function forget(entry: Entry): Outcome {
  return {changes: [{action: {do: 'note down'}, ...drops(entry)}]};
}

function keep(entry: Of<'file' | 'exe' | 'lines'>, reason: string): Outcome {
  return {...forget(entry), note: {text: `kept ${entry.path}: ${reason}`}};
}

function takeBackFile(entry: Of<'file'>, state: FileState | undefined): Outcome {
  const {path, before} = entry;
  if (state === undefined) return forget(entry);
  if (state.kind !== 'file') return keep(entry, 'it is no file any more');
  const old = before && Buffer.from(before.base64, 'base64');
  if (entry.pending === true && old !== undefined && sha256(old) === state.sha256) return forget(entry);
  if (state.sha256 !== entry.sha256 && state.sha256 !== entry.was)
    return keep(entry, 'it was changed since wslagent wrote it');
  if (old === undefined || before === undefined)
    return {changes: [change({do: 'remove', path, from: seen(state)}, REMOVE, path, drops(entry))]};
  const action = {do: 'write', path, content: old, mode: before.mode, from: seen(state)} as const;
  return {changes: [change(action, RESTORE, `what ${path} was before`, drops(entry))]};
}

function takeBackExe(entry: Of<'exe'>, state: FileState | undefined): Outcome {
  const {path} = entry;
  // the one before it may still be aside
  if (state === undefined) return {changes: [{action: {do: 'remove exe', path}, ...drops(entry)}]};
  if (state.kind !== 'file') return keep(entry, 'it is no file any more');
  // one that was damaged is as much ours: install would write over it, too
  return {changes: [change({do: 'remove exe', path}, REMOVE, path, drops(entry))]};
}

function takeBackLines(entry: Of<'lines'>, state: FileState | undefined): Outcome {
  const {path, created} = entry;
  if (state === undefined) return forget(entry);
  if (state.kind !== 'file' || state.content === undefined) return keep(entry, 'it is no file any more');
  const {content} = state;
  const text = [entry.text, entry.was].find(text => text !== undefined && holdsLines(content, text));
  if (text === undefined) {
    const [mark = ''] = entry.text.trimStart().split('\n');
    return holdsLines(content, mark)
      ? keep(entry, 'the lines of wslagent in it were changed')
      : forget(entry);
  }
  if (!state.editable) return keep(entry, 'it cannot be written; take the lines of wslagent out by hand');
  const rest = removeLines(content, text);
  if (created && rest.length === 0)
    return {changes: [change({do: 'remove', path, from: seen(state)}, REMOVE, path, drops(entry))]};
  const action = {do: 'write', path, content: rest, mode: state.mode, from: seen(state)} as const;
  return {changes: [change(action, ['took', 'take'], `the lines of wslagent out of ${path}`, drops(entry))]};
}

function takeBackMask(entry: Of<'mask'>, present: Present): Outcome {
  const {unit} = entry;
  const masked = present.units.get(unit)?.load === 'masked';
  if (!masked) return mustStart(entry, present) ? {changes: []} : forget(entry);
  const words = ['unmasked', 'unmask'] as const;
  return {
    changes: [change({do: 'unmask', unit}, words, unit, mustStart(entry, present) ? {} : drops(entry))],
  };
}

/** It ran before it was masked, and does not now. */
function mustStart({unit, active}: Of<'mask'>, present: Present): boolean {
  return active && present.units.get(unit)?.active !== 'active';
}

function startAgain(entry: Of<'mask'>, present: Present): Change[] {
  if (!mustStart(entry, present)) return [];
  const {unit} = entry;
  return [change({do: 'start again', unit}, ['started', 'start'], `${unit}, which ran before`, drops(entry))];
}
