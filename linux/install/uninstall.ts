import {existsSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {UserError} from '../errors.ts';
import {runtimeDir, socketDir, stateDir, unitDir} from '../paths.ts';
import {readProc} from '../proc.ts';
import {parseUnixTable} from '../relay/unix-table.ts';
import {applyChanges} from './apply.ts';
import {type Change, change, type Note, type Plan} from './change.ts';
import {sshEndpoint} from './environment.ts';
import {replacesAgent, unitsInTheWay} from './gnupg-items.ts';
import {type Entry, keyOf} from './item.ts';
import {alone} from './lock.ts';
import {look} from './look.ts';
import {openInstallation} from './open-installation.ts';
import type {Output} from './output.ts';
import {planItems} from './plan-items.ts';
import {planTakeBack, unusedFolders} from './plan-take-back.ts';
import {stopCommands, tell} from './plan-units.ts';
import {holdsRecord, type InstalledEndpoint, type InstallRecord, openRecord, recordFile} from './record.ts';
import {keepRecord} from './record-place.ts';
import {managerUnitPath, unitStates} from './systemctl.ts';
import {unitStatesOnDisk} from './unit-files.ts';
import {RELAY_SERVICE} from './units.ts';
import {untilUnchanged} from './until-unchanged.ts';
import {environment, gnupgSockets} from './wanted.ts';

/**
 * Takes back what install did for these endpoints, or for all when none are named, and says each change.
 * Works without a user manager too. Throws UserError.
 */
export async function uninstall(names: readonly string[], dryRun: boolean, output: Output): Promise<void> {
  await (dryRun ? report(names, output) : alone(() => takeBack(names, output)));
}

async function report(names: readonly string[], output: Output): Promise<void> {
  const {record, trouble} = openRecord();
  if (trouble !== undefined) output.warn({text: trouble});
  const {plan} = await prepare(names, mustBeThere(record));
  for (const note of plan.notes) output.warn(note);
  for (const {planned} of plan.changes) if (planned !== undefined) output.say(planned);
}

async function takeBack(names: readonly string[], output: Output): Promise<void> {
  const start = mustBeThere(await openInstallation(output));
  const warn = (text: string, hint?: string) => output.warn({text, hint});
  await untilUnchanged(start, output, async record => {
    const {remaining, plan, offline} = await prepare(names, record);
    const apply = async () => {
      const how = {say: output.say, warn, offline, goOn: true};
      const end = await applyChanges(plan.changes, record, how);
      if (end.failed || (remaining.length === 0 && existsSync(recordFile())))
        throw new UserError(
          'not everything could be taken back yet',
          ['wslagent uninstall', ...names].join(' '),
        );
      if (remaining.length > 0) keepRecord({...end.record, endpoints: remaining});
    };
    return {notes: plan.notes, apply};
  });
}

/** Whether somebody listens where systemctl asks it, though it gave no answer. */
function managerRuns(): boolean {
  if (!process.env.XDG_RUNTIME_DIR) return false;
  const socket = join(runtimeDir(), 'systemd/private');
  const sockets = parseUnixTable(readProc('/proc/net/unix'));
  return existsSync(socket) && sockets.some(({listening, path}) => listening && path === socket);
}

function mustBeThere(record: InstallRecord | undefined): InstallRecord {
  if (record !== undefined) return record;
  throw new UserError('wslagent is not installed', 'wslagent install --now', 'notRunning');
}

type Prepared = {remaining: InstalledEndpoint[]; plan: Plan; offline: boolean};

async function prepare(names: readonly string[], record: InstallRecord): Promise<Prepared> {
  const unknown = names.find(name => !record.endpoints.some(endpoint => endpoint.name === name));
  if (unknown !== undefined)
    throw new UserError(
      `the endpoint "${unknown}" is not installed`,
      `installed: ${record.endpoints.map(({name}) => name).join(', ')}`,
      'notRunning',
    );
  const remaining =
    names.length === 0 ? [] : record.endpoints.filter(endpoint => !names.includes(endpoint.name));
  const manager = await managerUnitPath();
  const offline = 'reason' in manager;
  // its sockets would go on to listen, and nothing would know of them any more
  if (offline && managerRuns())
    throw new UserError(
      `systemd's user manager does not answer: ${manager.reason}`,
      'systemctl --user status',
    );
  return {remaining, plan: await plan(record, remaining, offline), offline};
}

async function plan(
  record: InstallRecord,
  remaining: readonly InstalledEndpoint[],
  offline: boolean,
): Promise<Plan> {
  const {entries, endpoints} = record;
  const sshBefore = sshEndpoint(endpoints)?.listen;
  const sshAfter = sshEndpoint(remaining);
  // SSH_AUTH_SOCK may have to name another endpoint now
  const items =
    sshAfter !== undefined && sshAfter.listen !== sshBefore ? environment(remaining, process.env).items : [];
  const needed = new Set(
    entries.filter(entry => isNeeded(entry, remaining, sshAfter !== undefined)).map(keyOf),
  );
  const gone = entries.filter(entry => entry.kind !== 'folder' && !needed.has(keyOf(entry)));
  const present = await look([...items, ...entries], [stateDir()], await states(gone, offline));

  const back = planTakeBack(gone, present);
  const made = planItems(items, entries, present, false);
  const commands = stopCommands(gone, present);
  const kept = entries.filter(entry => !gone.includes(entry));
  const folders = planTakeBack(unusedFolders(entries, [...items, ...kept]), present).changes;
  const state = folders.filter(({action}) => isStateFolder(action));
  const changes = [
    ...tell(commands.before),
    ...back.changes,
    ...made.changes,
    ...tell(afterwards(commands.after, record, remaining)),
    ...socketFolders(endpoints, remaining),
    ...folders.filter(({action}) => !isStateFolder(action)),
  ];
  if (remaining.length === 0) {
    const said = ['removed', 'remove'] as const;
    changes.push(change({do: 'forget all'}, said, `the record ${recordFile()}`), ...state);
  }
  return {changes, notes: [...back.notes, ...made.notes, ...dropIns(gone)]};
}

/** systemd may not have read yet what an uninstall before this one took away. */
function afterwards(
  commands: readonly string[][],
  {reload}: InstallRecord,
  remaining: readonly InstalledEndpoint[],
): readonly string[][] {
  return commands.length === 0 && (reload === true || remaining.length === 0)
    ? [['daemon-reload']]
    : commands;
}

/** Whether an entry stays because of the endpoints that stay. */
function isNeeded(entry: Entry, remaining: readonly InstalledEndpoint[], ssh: boolean): boolean {
  if (entry.kind === 'folder') return false;
  switch (entry.owner) {
    case 'relay':
    case 'helper':
    case 'launcher':
      return remaining.length > 0;
    case 'gnupg': {
      const sockets = gnupgSockets(remaining);
      return entry.kind === 'mask' ? unitsInTheWay(sockets).includes(entry.unit) : replacesAgent(sockets);
    }
    case 'environment':
      return ssh;
    default:
      return remaining.some(({name}) => entry.owner === `endpoint:${name}`);
  }
}

function isStateFolder(action: Change['action']): boolean {
  return 'path' in action && holdsRecord(action.path);
}

/** systemd makes our socket folder and leaves it behind. */
function socketFolders(
  endpoints: readonly InstalledEndpoint[],
  remaining: readonly InstalledEndpoint[],
): Change[] {
  const folder = endpoints.map(({listen}) => dirname(listen)).find(path => path.endsWith('/wslagent'));
  if (folder === undefined || remaining.some(({listen}) => dirname(listen) === folder)) return [];
  return process.env.XDG_RUNTIME_DIR !== undefined && folder === socketDir()
    ? [{action: {do: 'remove folder', path: folder}}]
    : [];
}

async function states(gone: readonly Entry[], offline: boolean) {
  const units = gone.flatMap(entry => {
    if (entry.kind === 'mask') return entry.unit;
    return entry.kind === 'file' && entry.path.endsWith('.socket') ? basename(entry.path) : [];
  });
  const asked = [RELAY_SERVICE, ...units];
  return offline ? unitStatesOnDisk(asked, unitDir()) : unitStates(asked);
}

/** What a person added to our units with `systemctl edit`. */
function dropIns(gone: readonly Entry[]): Note[] {
  return gone
    .flatMap(entry => (entry.kind === 'file' ? join(dirname(entry.path), `${basename(entry.path)}.d`) : []))
    .filter(path => existsSync(path))
    .map(path => ({text: `kept ${path}: it is not from wslagent`}));
}
