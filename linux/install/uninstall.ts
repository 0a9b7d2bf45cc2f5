import {existsSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {UserError} from '../errors.ts';
import {socketDir, stateDir, unitDir} from '../paths.ts';
import {applyChanges} from './apply.ts';
import {type Change, change, type Note, type Plan} from './change.ts';
import {sshEndpoint} from './environment.ts';
import {replacesAgent, unitsInTheWay} from './gnupg-items.ts';
import type {Output} from './install.ts';
import {type Entry, keyOf} from './item.ts';
import {alone} from './lock.ts';
import {look} from './look.ts';
import {planItems} from './plan-items.ts';
import {planTakeBack, unusedFolders} from './plan-take-back.ts';
import {stopCommands, tell} from './plan-units.ts';
import {
  holdsRecord,
  type InstalledEndpoint,
  type InstallRecord,
  readRecord,
  recordFile,
  writeRecord,
} from './record.ts';
import {managerUnitPath, unitStates} from './systemctl.ts';
import {unitStatesOnDisk} from './unit-files.ts';
import {RELAY_SERVICE} from './units.ts';
import {environment, gnupgSockets} from './wanted.ts';

/**
 * Takes back what install did for these endpoints, or for all when none are named, and says each change.
 * Works without a user manager too. Throws UserError.
 */
export async function uninstall(names: readonly string[], dryRun: boolean, output: Output): Promise<void> {
  if (dryRun) {
    const {plan} = await prepare(names);
    for (const note of plan.notes) output.warn(note);
    for (const {planned} of plan.changes) if (planned !== undefined) output.say(planned);
    return;
  }
  await alone(async () => {
    const {record, remaining, plan, offline} = await prepare(names);
    for (const note of plan.notes) output.warn(note);
    const warn = (text: string) => output.warn({text});
    const end = await applyChanges(plan.changes, record, {say: output.say, warn, offline});
    if (remaining.length > 0) writeRecord({...end, endpoints: remaining});
    else if (existsSync(recordFile()))
      throw new UserError('not everything could be taken back yet', 'wslagent uninstall');
  });
}

type Prepared = {record: InstallRecord; remaining: InstalledEndpoint[]; plan: Plan; offline: boolean};

async function prepare(names: readonly string[]): Promise<Prepared> {
  const record = readRecord();
  if (record === undefined)
    throw new UserError('wslagent is not installed', 'wslagent install --now', 'notRunning');
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
  return {record, remaining, plan: await plan(record, remaining, offline), offline};
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
    ...tell(commands.after),
    ...socketFolders(endpoints, remaining),
    ...folders.filter(({action}) => !isStateFolder(action)),
  ];
  if (remaining.length === 0) {
    const said = ['removed', 'remove'] as const;
    changes.push(change({do: 'forget all'}, said, `the record ${recordFile()}`), ...state);
  }
  return {changes, notes: [...back.notes, ...made.notes, ...dropIns(gone)]};
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
