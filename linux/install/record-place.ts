import {lstatSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync} from 'node:fs';
import {stateDir} from '../paths.ts';
import {ancestors} from '../system/folders.ts';
import {type InstallRecord, recordCopy, recordFile, recordText, withEntry, writeRecord} from './record.ts';
import {removeQuietly, temporaryOf, writeWhole} from './replace-file.ts';

/*
 * The record tells which folders were made, its own among them: it has to be there before they are, and until they are
 * gone. So long it waits beside the outermost of them, as `FOLDER.wslagent-tmp`, where whoever comes next finds it.
 */

/** Writes the record; makes its folder when that is not there. Returns the record, which then knows the folders. */
export function keepRecord(record: InstallRecord): InstallRecord {
  const missing = [...ancestors(recordFile())].filter(
    path => lstatSync(path, {throwIfNoEntry: false}) === undefined,
  );
  const [outermost] = missing;
  if (outermost === undefined) {
    writeRecord(record);
    return record;
  }
  const whole = missing.reduce((known, path) => withFolder(known, path), record);
  const waiting = temporaryOf(outermost);
  try {
    writeWhole(waiting, recordText(whole), 0o600);
    for (const path of missing) mkdirSync(path, {mode: path === stateDir() ? 0o700 : 0o755});
    renameSync(waiting, recordFile());
  } catch (error) {
    sweepPlace();
    throw error;
  }
  writeRecord(whole);
  return whole;
}

/** Nothing is installed any more from here on; what is left of the record goes with its folders, by `sweepPlace`. */
export function leavePlace({entries}: InstallRecord): void {
  const ours = new Set(entries.flatMap(entry => (entry.kind === 'folder' ? entry.path : [])));
  const chain = ancestors(recordFile()).reverse();
  const length = chain.findIndex(path => !ours.has(path));
  const outermost = chain.slice(0, length < 0 ? undefined : length).at(-1);
  rmSync(temporaryOf(recordFile()), {force: true});
  rmSync(temporaryOf(recordCopy()), {force: true});
  rmSync(recordCopy(), {force: true});
  if (outermost === undefined) rmSync(recordFile());
  else renameSync(recordFile(), temporaryOf(outermost));
}

/** Takes away what is left of an install or uninstall that was cut short while its record waited. */
export function sweepPlace(): void {
  for (const folder of ancestors(recordFile())) {
    const waiting = temporaryOf(folder);
    if (!isOurs(waiting)) continue;
    const named = foldersIn(waiting);
    const ours = ancestors(recordFile())
      .reverse()
      .filter(path => named.includes(path));
    // as long as one of them may stay, so does what knows of it
    if (ours.map(removeEmpty).every(settled => settled)) rmSync(waiting, {force: true});
  }
}

/** Takes away what an install or uninstall that was cut short has left beside what this record speaks of. */
export function sweepTemporaries(paths: readonly string[]): void {
  for (const path of [recordFile(), recordCopy(), ...paths]) {
    const temporary = temporaryOf(path);
    if (isOurs(temporary)) removeQuietly(temporary);
  }
}

function withFolder(record: InstallRecord, path: string): InstallRecord {
  const known = record.entries.some(entry => entry.kind === 'folder' && entry.path === path);
  return known ? record : withEntry(record, {kind: 'folder', path, pending: true});
}

function isOurs(path: string): boolean {
  const stats = lstatSync(path, {throwIfNoEntry: false});
  return stats?.isFile() === true && stats.uid === process.getuid?.();
}

/** One that was cut short while it was written names none, and none was made. */
function foldersIn(file: string): string[] {
  try {
    const {entries} = JSON.parse(readFileSync(file, 'utf8')) as InstallRecord;
    return entries.flatMap(entry => (entry.kind === 'folder' ? entry.path : []));
  } catch {
    return [];
  }
}

/** False when it is there and could be removed another time. */
function removeEmpty(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    // gone, or somebody has put something there
    return ['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
