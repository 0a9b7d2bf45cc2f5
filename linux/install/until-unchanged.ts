import {realpathSync} from 'node:fs';
import {UserError} from '../errors.ts';
import {ChangedMeanwhile} from './apply.ts';
import type {Note} from './change.ts';
import {asideOf} from './exe-place.ts';
import type {Output} from './output.ts';
import {type InstallRecord, readRecord} from './record.ts';

/** So often a person may save a file while we are at it; a program that always does is named. */
const REPEATS = 8;

type Planned = {notes: readonly Note[]; apply(): Promise<void>};

/**
 * Plans and makes changes, anew whenever a file was found changed in the moment of writing it. Notes are told once.
 * `start` is the record of the first plan; those after it begin with what the record says by then.
 */
export async function untilUnchanged<R extends InstallRecord | undefined>(
  start: R,
  output: Pick<Output, 'warn'>,
  plan: (record: R) => Promise<Planned>,
): Promise<void> {
  const told = new Set<string>();
  let record = start;
  for (let left = REPEATS; ; left--) {
    const {notes, apply} = await plan(record);
    for (const note of notes) if (!told.has(note.text)) output.warn(note);
    for (const {text} of notes) told.add(text);
    try {
      await apply();
      return;
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
      if (left === 0)
        throw new UserError(
          `${error.path} is changed again and again: end what writes it`,
          'wslagent install --now',
        );
      record = (readRecord() as R) ?? record;
    }
  }
}

/** Every path at which, or beside which, this installation may have something. */
export function filesOf(record: InstallRecord | undefined): string[] {
  const entries = record?.entries ?? [];
  return entries.flatMap(entry => {
    if (entry.kind === 'mask' || entry.kind === 'folder') return [];
    return entry.kind === 'exe' ? [entry.path, asideOf(entry.path)] : [entry.path, realOf(entry.path)];
  });
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
