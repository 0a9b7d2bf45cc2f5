import type {Entry} from './item.ts';
import type {Seen} from './present.ts';

/** One thing that apply does. `content` is a whole new file; `from` what the change was planned from. */
export type Action =
  | {do: 'make folder'; path: string; mode: number}
  | {do: 'remove folder'; path: string}
  | {do: 'write'; path: string; content: Uint8Array; mode: number; from: Seen}
  | {do: 'remove'; path: string; from: Seen}
  | {do: 'copy exe'; path: string; source: string; sha256: string}
  | {do: 'remove exe'; path: string}
  | {do: 'mask'; unit: string}
  | {do: 'unmask'; unit: string}
  | {do: 'start again'; unit: string}
  | {do: 'systemctl'; args: readonly string[]}
  | {do: 'end process'; pid: number; program: string}
  /** Nothing on disk: only the record learns something. */
  | {do: 'note down'}
  /** The last word of uninstall: nothing is installed any more. */
  | {do: 'forget all'};

export type Change = {
  action: Action;
  /** What the record says of it: pending before the action, and done after it. */
  entry?: Entry | undefined;
  /** What the action replaces that is ours, too: an entry's `was` while it is pending. */
  was?: string | undefined;
  /** The key of an entry that leaves the record after the action. */
  drops?: string | undefined;
  /** What is said when it was done, and when it would be: "wrote /path", "would write /path". */
  done?: string;
  planned?: string;
};

/** Something that was not done, or that a person has to know. */
export type Note = {text: string; hint?: string | undefined};

export type Plan = {changes: Change[]; notes: Note[]};

/** The entry of a change as it is written down before the action. */
export function pendingEntry({entry, was}: Change): Entry | undefined {
  if (entry === undefined) return undefined;
  const remembers = was !== undefined && entry.kind !== 'folder' && entry.kind !== 'mask';
  return remembers ? {...entry, pending: true, was} : {...entry, pending: true};
}

/** A change with its sentence in both forms. */
export function change(
  action: Action,
  [past, verb]: readonly [past: string, verb: string],
  what: string,
  record: Pick<Change, 'entry' | 'was' | 'drops'> = {},
): Change {
  return {action, ...record, done: `${past} ${what}`, planned: `would ${verb} ${what}`};
}
