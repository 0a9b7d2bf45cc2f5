import {UserError} from '../errors.ts';
import type {Output} from './output.ts';
import {type InstallRecord, openRecord, UnusableRecord} from './record.ts';
import {keepRecord, sweepPlace, sweepTemporaries} from './record-place.ts';
import {filesOf} from './until-unchanged.ts';

/**
 * What is installed, for an install or uninstall that is alone: what an earlier one left half done is swept, a record that
 * is damaged is written anew, with a word about it. Undefined when nothing is installed. Throws UserError.
 */
export async function openInstallation({warn}: Pick<Output, 'warn'>): Promise<InstallRecord | undefined> {
  sweepPlace();
  const record = await usable(warn);
  sweepTemporaries(filesOf(record));
  return record;
}

async function usable(warn: Output['warn']): Promise<InstallRecord | undefined> {
  try {
    const {record, trouble, first} = openRecord();
    if (trouble === undefined || record === undefined) return record;
    if (first !== undefined) throw new UserError(trouble, first);
    warn({text: trouble});
    return keepRecord(record);
  } catch (error) {
    if (!(error instanceof UnusableRecord) || !error.lost) throw error;
    const {recoverRecord} = await import('./recover.ts');
    const {record, notes} = await recoverRecord();
    warn({text: `${error.message}: it is made anew from what is on disk`});
    for (const note of notes) warn(note);
    return keepRecord(record);
  }
}
