import {readFileSync, realpathSync, rmdirSync, rmSync} from 'node:fs';
import {basename} from 'node:path';
import {UserError} from '../errors.ts';
import {withProgress} from '../progress.ts';
import {makeFolder} from '../system/folders.ts';
import {systemError} from '../system-error.ts';
import type {Applying, Outcome} from './applying.ts';
import {type Action, type Change, pendingEntry} from './change.ts';
import {endProcess} from './end-process.ts';
import {copyExe, removeExe} from './exe-place.ts';
import {isStill} from './look.ts';
import type {Seen} from './present.ts';
import {holdsRecord, type InstallRecord, withEntry, withoutEntry} from './record.ts';
import {keepRecord, leavePlace, sweepPlace} from './record-place.ts';
import {isFull, replaceFile, shortenFile} from './replace-file.ts';
import {mustSystemctl} from './systemctl.ts';
import {startAgain, tellSystemd, unmask} from './tell-systemd.ts';

/** Somebody has changed a file since the plan was made; it was left as it is. */
export class ChangedMeanwhile extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} was changed meanwhile`);
    this.path = path;
  }
}

/**
 * Makes the changes one after the other. All of them are written down before the first is begun, and again when the last
 * was made or one has failed: whatever happens in between, the record knows all that may be there. Gives the record as
 * it is at the end, and whether something could not be done. Throws UserError, and ChangedMeanwhile.
 */
export async function applyChanges(
  changes: readonly Change[],
  start: InstallRecord,
  how: Applying,
): Promise<{record: InstallRecord; failed: boolean}> {
  const intended = withIntents(start, changes);
  const applied = new Applied(intended === start ? start : keepRecord(intended), how);
  try {
    for (const change of changes) if (!(await applied.make(change))) break;
  } catch (error) {
    applied.keepAfterFailure();
    throw error;
  }
  applied.keep();
  return {record: applied.record, failed: applied.failed};
}

/** What will be there, and what systemd will have to be told. The same record when there is nothing to write down. */
function withIntents(start: InstallRecord, changes: readonly Change[]): InstallRecord {
  const entries = changes.flatMap(change => {
    const pending = change.action.do === 'note down' ? undefined : pendingEntry(change);
    return pending ?? [];
  });
  // what is taken back is in the record already, and a full disk has no place to write down that it was
  if (entries.length === 0) return start;
  return {...entries.reduce(withEntry, start), ...(changes.some(isReload) ? {reload: true} : {})};
}

function isReload({action}: Change): boolean {
  return action.do === 'systemctl' && action.args[0] === 'daemon-reload';
}

class Applied {
  record: InstallRecord;
  /** Something was warned of that stays to be done. */
  failed = false;
  readonly #how: Applying;
  #forgotten = false;
  /** Changes that need space on the disk, which there may be when others are made. */
  #postponed: {change: Change; error: unknown}[] = [];

  constructor(record: InstallRecord, how: Applying) {
    this.record = record;
    this.#how = how;
  }

  /** False when the record has to stay, and with it what comes after it. */
  async make(change: Change): Promise<boolean> {
    const verb = change.action.do;
    if (verb === 'remove folder' || verb === 'forget all') this.#giveUpPostponed();
    if (verb === 'forget all' && (this.failed || !isForgettable(this.record))) return false;
    try {
      await this.#make(change);
    } catch (error) {
      if (!this.#how.goOn || !isAboutFile(error)) throw error;
      if (isFull(error)) this.#postponed.push({change, error});
      else this.#warn(error);
      return verb !== 'forget all';
    }
    if (verb === 'remove' || verb === 'remove exe') await this.#makePostponed();
    return true;
  }

  keep(): void {
    if (this.#forgotten) sweepPlace();
    else this.record = keepRecord(this.record);
  }

  /** The record from before the failure knows more than is there, which is as good; why it failed counts for more. */
  keepAfterFailure(): void {
    try {
      this.keep();
    } catch {
      // it stays as it was before
    }
  }

  async #make(change: Change): Promise<void> {
    const {action, entry, drops, done} = change;
    const outcome = await doIt(action, this.record, this.#how);
    if (outcome === 'later') return;
    if (entry !== undefined) this.record = withEntry(this.record, entry);
    if (drops !== undefined) this.record = withoutEntry(this.record, drops);
    if (isReload(change)) this.record = withoutReload(this.record);
    if (action.do === 'forget all') this.#forgotten = true;
    if (outcome === 'done' && done !== undefined) this.#how.say(done);
  }

  async #makePostponed(): Promise<void> {
    const postponed = this.#postponed;
    this.#postponed = [];
    for (const {change} of postponed) {
      try {
        await this.#make(change);
      } catch (error) {
        if (!isFull(error)) throw error;
        this.#postponed.push({change, error});
      }
    }
  }

  #giveUpPostponed(): void {
    for (const {error} of this.#postponed) this.#warn(error);
    this.#postponed = [];
  }

  #warn(error: unknown): void {
    this.failed = true;
    const {message = String(error), hint} = systemError(error) ?? {};
    this.#how.warn(message, hint);
  }
}

/** All is taken back but the record's own folders. */
function isForgettable({entries}: InstallRecord): boolean {
  return entries.every(entry => entry.kind === 'folder' && holdsRecord(entry.path));
}

function withoutReload({reload: _, ...rest}: InstallRecord): InstallRecord {
  return rest;
}

function isAboutFile(error: unknown): boolean {
  return !(error instanceof UserError) && systemError(error) !== undefined;
}

async function doIt(action: Action, record: InstallRecord, how: Applying): Promise<Outcome> {
  switch (action.do) {
    case 'make folder':
      makeFolder(action.path, action.mode);
      return 'done';
    case 'remove folder':
      return removeFolder(action.path, record);
    case 'write':
      return write(action);
    case 'remove':
      mustBe(action.path, action.from);
      rmSync(throughLink(action.path), {force: true});
      return 'done';
    case 'copy exe':
      await withProgress(`copying ${basename(action.source)} to the Windows side`, copyExe(action));
      return 'done';
    case 'remove exe':
      if (await removeExe(action.path)) return 'done';
      how.warn(`${action.path} is in use on Windows and cannot be removed now`);
      return 'later';
    case 'end process':
      return (await endProcess(action)) ? 'done' : 'nothing';
    case 'mask':
      await mustSystemctl(['mask', '--now', action.unit]);
      return 'done';
    case 'unmask':
      return unmask(action.unit, how);
    case 'start again':
      return startAgain(action.unit, how);
    case 'systemctl':
      return tellSystemd(action.args, how);
    case 'note down':
      return 'nothing';
    case 'forget all':
      leavePlace(record);
      return 'done';
  }
}

function write({path, content, mode, from}: Extract<Action, {do: 'write'}>): Outcome {
  const real = throughLink(path);
  const check = () => mustBe(path, from);
  try {
    replaceFile(real, content, mode, check);
  } catch (error) {
    if (!isFull(error) || !isBeginning(content, real)) throw error;
    shortenFile(real, content.length, check);
  }
  return 'done';
}

function mustBe(path: string, from: Seen): void {
  if (!isStill(path, from)) throw new ChangedMeanwhile(path);
}

/** Whether a file only has to lose its end to have this content. */
function isBeginning(content: Uint8Array, path: string): boolean {
  try {
    return readFileSync(path).subarray(0, content.length).equals(content);
  } catch {
    return false;
  }
}

/** One that holds something of a person's stays for good; one that holds something of ours goes with that. */
function removeFolder(path: string, {entries}: InstallRecord): Outcome {
  try {
    rmdirSync(path);
    return 'done';
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) throw error;
    const holdsOurs = entries.some(entry => 'path' in entry && entry.path.startsWith(`${path}/`));
    return holdsOurs ? 'later' : 'nothing';
  }
}

/** A person's file may be a link to where it is kept: the link stays. */
function throughLink(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return path;
  }
}
