import {createHash} from 'node:crypto';
import {type Change, change, type Note, type Plan} from './change.ts';
import {type Entry, type Item, keyOf} from './item.ts';
import {addLines, holdsLines, swapLines} from './lines.ts';
import {type FileState, type Present, seen} from './present.ts';

type Kind<K> = {kind: K};
type FileItem = Extract<Item, Kind<'file'>>;
type LinesItem = Extract<Item, Kind<'lines'>>;
type ExeItem = Extract<Item, Kind<'exe'>>;
type MaskItem = Extract<Item, Kind<'mask'>>;

const WRITE = ['wrote', 'write'] as const;
const CHANGED = 'the file was changed since wslagent wrote it';
/** Writes over what is not ours, too. */
const FORCE = 'wslagent install --now --force';
const FOREIGN = 'the file is not from wslagent';

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What has to be done so that these items are there. Pure: the same state gives the same plan. */
export function planItems(
  items: readonly Item[],
  entries: readonly Entry[],
  present: Present,
  force: boolean,
): Plan {
  const known = new Map(entries.map(entry => [keyOf(entry), entry]));
  const plan: Plan = {changes: [], notes: []};
  for (const item of items) {
    const {change: made, note} = planItem(item, known.get(keyOf(item)), present, force);
    if (made !== undefined) plan.changes.push(made);
    if (note !== undefined) plan.notes.push(note);
  }
  return plan;
}

type Outcome = {change?: Change; note?: Note};

function planItem(item: Item, entry: Entry | undefined, present: Present, force: boolean): Outcome {
  switch (item.kind) {
    case 'file':
      return planFile(item, ofKind(entry, 'file'), present.files.get(item.path), force);
    case 'exe':
      return planExe(item, ofKind(entry, 'exe'), present.files.get(item.path));
    case 'lines':
      return planLines(item, ofKind(entry, 'lines'), present.files.get(item.path), force);
    case 'mask':
      return planMask(item, ofKind(entry, 'mask'), present);
  }
}

function ofKind<K extends Entry['kind']>(
  entry: Entry | undefined,
  kind: K,
): Extract<Entry, Kind<K>> | undefined {
  return entry?.kind === kind ? (entry as Extract<Entry, Kind<K>>) : undefined;
}

function planFile(
  item: FileItem,
  entry: Extract<Entry, Kind<'file'>> | undefined,
  state: FileState | undefined,
  force: boolean,
): Outcome {
  const {path, mode} = item;
  const content = Buffer.from(item.content);
  const wanted = sha256(content);
  const next = (before = entry?.before): Entry => ({
    kind: 'file',
    owner: item.owner,
    path,
    sha256: wanted,
    ...(before === undefined ? {} : {before}),
  });
  const write = (what: string, before = entry?.before, was?: string): Outcome => ({
    change: change({do: 'write', path, content, mode, from: seen(state)}, WRITE, what, {
      entry: next(before),
      was,
    }),
  });
  if (state === undefined) return write(path);
  if (state.kind !== 'file') return {note: {text: `left ${path} alone: it is ${whatIs(state)}`}};
  if (state.sha256 === wanted) return sameButUnrecorded(entry, next());
  if (entry !== undefined && isOurs(entry, state)) return write(path, entry.before, state.sha256);
  const reason = entry === undefined ? FOREIGN : CHANGED;
  if (!force || state.content === undefined)
    return {note: {text: `left ${path} alone: ${reason}`, hint: FORCE}};
  const before = entry === undefined ? keep(state.content, state.mode) : entry.before;
  return write(`${path} (${reason}${entry === undefined ? '; uninstall puts it back' : ''})`, before);
}

/** Whether nobody but us touched the file; an installation that was cut short may not have written it yet. */
function isOurs(
  {sha256: written, was, before, pending}: Extract<Entry, Kind<'file'>>,
  state: Extract<FileState, Kind<'file'>>,
): boolean {
  if (state.sha256 === written || state.sha256 === was) return true;
  return (
    pending === true && before !== undefined && sha256(Buffer.from(before.base64, 'base64')) === state.sha256
  );
}

function keep(content: Uint8Array, mode: number): {base64: string; mode: number} {
  return {base64: Buffer.from(content).toString('base64'), mode};
}

/** What is there is what is wanted; the record may not know it yet. */
function sameButUnrecorded(entry: Entry | undefined, next: Entry): Outcome {
  if (entry !== undefined && JSON.stringify(entry) === JSON.stringify(next)) return {};
  return {change: {action: {do: 'note down'}, entry: next}};
}

function planExe(
  item: ExeItem,
  entry: Extract<Entry, Kind<'exe'>> | undefined,
  state: FileState | undefined,
): Outcome {
  const {path, source, sha256: wanted, owner, about} = item;
  const next: Entry = {kind: 'exe', owner, path, sha256: wanted};
  if (state?.kind === 'file' && state.sha256 === wanted) return sameButUnrecorded(entry, next);
  if (state !== undefined && state.kind !== 'file')
    return {note: {text: `left ${path} alone: it is ${whatIs(state)}`}};
  const action = {do: 'copy exe', path, source, sha256: wanted} as const;
  const words = ['copied', 'copy'] as const;
  return {change: change(action, words, `${about} to ${path}`, {entry: next, was: state?.sha256})};
}

function planLines(
  item: LinesItem,
  entry: Extract<Entry, Kind<'lines'>> | undefined,
  state: FileState | undefined,
  force: boolean,
): Outcome {
  const {path, lines, mode, about, owner} = item;
  const next = (text: string, created: boolean): Entry => ({kind: 'lines', owner, path, text, created});
  const said = (what: string) => `${what} ${path} (${about})`;
  if (state === undefined) {
    const action = {do: 'write', path, content: Buffer.from(lines), mode, from: 'nothing'} as const;
    return {change: change(action, WRITE, said('').trimStart(), {entry: next(lines, true)})};
  }
  if (state.kind !== 'file' || state.content === undefined || !state.editable)
    return {
      note: {
        text: `left ${path} alone: ${state.kind === 'file' ? 'it cannot be written' : `it is ${whatIs(state)}`}`,
        hint: `add there by hand what this prints (${about})\nwslagent env`,
      },
    };
  const {content} = state;
  const held = [entry?.text, entry?.was].find(text => text !== undefined && holdsLines(content, text));
  // without them, an install that was cut short has made nothing here
  const created = entry?.created === true && !(entry.pending === true && held === undefined);
  if (held !== undefined) {
    if (held.trimStart() === lines.trimStart()) return sameButUnrecorded(entry, next(held, created));
    const swapped = swapLines(content, held, lines);
    const action = {
      do: 'write',
      path,
      content: swapped.content,
      mode: state.mode,
      from: seen(state),
    } as const;
    const words = ['changed', 'change'] as const;
    const record = {entry: next(swapped.text, created), was: held};
    return {change: change(action, words, said('the lines in'), record)};
  }
  if (entry === undefined && holdsLines(content, lines)) return sameButUnrecorded(entry, next(lines, false));
  if (entry !== undefined && entry.pending !== true && !force)
    return {
      note: {
        text: `left ${path} alone: the lines of wslagent in it were changed or taken out`,
        hint: FORCE,
      },
    };
  const added = addLines(content, lines);
  const action = {do: 'write', path, content: added.content, mode: state.mode, from: seen(state)} as const;
  return {change: change(action, ['added', 'add'], said('lines to'), {entry: next(added.text, created)})};
}

function planMask(
  {unit, owner, about}: MaskItem,
  entry: Extract<Entry, Kind<'mask'>> | undefined,
  present: Present,
): Outcome {
  const state = present.units.get(unit);
  if (state === undefined || state.load === 'not-found') return {};
  const next: Entry = {kind: 'mask', owner, unit, active: entry?.active ?? state.active === 'active'};
  if (state.load === 'masked')
    // masked by the person before us: not ours to take off
    return entry === undefined ? {} : sameButUnrecorded(entry, next);
  return {change: change({do: 'mask', unit}, ['masked', 'mask'], `${unit} (${about})`, {entry: next})};
}

function whatIs(state: FileState): string {
  if (state.kind === 'folder') return 'a folder';
  return state.kind === 'other' ? state.what : 'a file';
}
