import {existsSync, mkdirSync, realpathSync, rmdirSync, rmSync} from 'node:fs';
import {basename} from 'node:path';
import {UserError} from '../errors.ts';
import {stateDir} from '../paths.ts';
import {withProgress} from '../progress.ts';
import {type Action, type Change, pendingEntry} from './change.ts';
import {endProcess} from './end-process.ts';
import {copyExe, removeExe} from './exe-place.ts';
import {GNUPG_SERVICE} from './gnupg-items.ts';
import {type InstallRecord, recordFile, withEntry, withoutEntry, writeRecord} from './record.ts';
import {replaceFile, temporaryOf} from './replace-file.ts';
import {mustSystemctl, systemctl} from './systemctl.ts';
import {RELAY_SERVICE} from './units.ts';

export type Applying = {
  /** Called with what was done. */
  say(line: string): void;
  /** Called for what could not be done and is tried again the next time. */
  warn(line: string): void;
  /** There is no user manager: unit files are dealt with all the same. */
  offline: boolean;
};

/**
 * Makes the changes one after the other, each written down before it is begun, so that whatever happens the
 * record knows at least what was done. Returns the record as it is at the end. Throws UserError.
 */
export async function applyChanges(
  changes: readonly Change[],
  start: InstallRecord,
  how: Applying,
): Promise<InstallRecord> {
  let record = start;
  let recorded = true;
  for (const change of changes) {
    const {action, entry, drops, done} = change;
    const pending = pendingEntry(change);
    if (pending !== undefined && action.do !== 'note down') {
      record = withEntry(record, pending);
      save(record);
    }
    const outcome = await perform(action, record, how);
    if (outcome === 'later') continue;
    if (entry !== undefined) record = withEntry(record, entry);
    if (drops !== undefined) record = withoutEntry(record, drops);
    if (action.do === 'forget all') {
      // something could not be taken back: the record stays, with its folder
      if (outcome !== 'done') return record;
      recorded = false;
    }
    if (recorded) save(record);
    if (outcome === 'done' && done !== undefined) how.say(done);
  }
  return record;
}

/** `done`; `nothing`: there was no need; `later`: it could not be done now and stays in the record. */
type Outcome = 'done' | 'nothing' | 'later';

async function perform(action: Action, record: InstallRecord, how: Applying): Promise<Outcome> {
  try {
    return await doIt(action, record, how);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const {code, message} = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(message, 'wslagent uninstall');
  }
}

async function doIt(action: Action, record: InstallRecord, how: Applying): Promise<Outcome> {
  switch (action.do) {
    case 'make folder':
      // parents are changes of their own; another program may have been faster
      mkdirSync(action.path, {mode: action.mode, recursive: true});
      return 'done';
    case 'remove folder':
      return removeFolder(action.path, record);
    case 'write':
      replaceFile(throughLink(action.path), action.content, action.mode);
      return 'done';
    case 'remove':
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
      return forgetAll(record);
  }
}

/** How often sockets are tried to start while clients of others keep starting the relay. */
const STARTS = 3;

async function tellSystemd(args: readonly string[], {offline}: Applying): Promise<Outcome> {
  const [verb] = args;
  if (offline) {
    if (verb !== 'disable') return 'nothing';
    const {ok, reason} = await systemctl(
      args.filter(arg => arg !== '--now'),
      {offline},
    );
    if (!ok) throw new UserError(`systemctl --user ${args.join(' ')} failed: ${reason}`);
    return 'done';
  }
  // systemd starts no socket of a service that runs, and a client may have started it meanwhile
  for (let left = STARTS; verb === 'enable' && left > 1; left--) {
    if ((await systemctl(args)).ok) return 'done';
    await systemctl(['stop', RELAY_SERVICE]);
  }
  await mustSystemctl(args);
  return 'done';
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
  } catch {
    return path;
  }
}

async function unmask(unit: string, {offline}: Applying): Promise<Outcome> {
  const {ok, reason} = await systemctl(['unmask', unit], {offline});
  if (ok) return 'done';
  throw new UserError(`cannot unmask ${unit}: ${reason}`, `systemctl --user unmask ${unit}`);
}

/** One that does not start is no reason to leave the rest as it is. */
async function startAgain(unit: string, {offline, warn}: Applying): Promise<Outcome> {
  if (offline) return 'nothing';
  const first = await systemctl(['start', unit]);
  if (first.ok) return 'done';
  // a socket does not start while the service that it belongs to runs, as with an agent beside our socket
  await systemctl(['stop', GNUPG_SERVICE]);
  const {ok, reason} = await systemctl(['start', unit]);
  if (ok) return 'done';
  warn(`${unit} ran before and does not start: ${reason}`);
  return 'nothing';
}

/** The record goes when it holds nothing that is still to be taken back. */
function forgetAll({entries}: InstallRecord): Outcome {
  if (entries.some(({kind}) => kind !== 'folder')) return 'nothing';
  rmSync(recordFile());
  rmSync(temporaryOf(recordFile()), {force: true});
  return 'done';
}

/** Before the state folder is made there is nothing to be written down. */
function save(record: InstallRecord): void {
  if (existsSync(stateDir())) writeRecord(record);
}
