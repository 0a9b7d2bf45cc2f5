import {VERSION} from '../../shared/version.ts';
import type {Config} from '../config/load.ts';
import {type Endpoint, resolveEndpoints} from '../endpoints.ts';
import {UserError} from '../errors.ts';
import {stateDir, unitDir} from '../paths.ts';
import {withProgress} from '../progress.ts';
import type {Change, Note} from './change.ts';
import {checkMaskable, competitors} from './competitors.ts';
import {type HelperSource, helperSource} from './helper-source.ts';
import {type Entry, keyOf} from './item.ts';
import {look} from './look.ts';
import {checkManager} from './manager.ts';
import {planFolders} from './plan-folders.ts';
import {planItems} from './plan-items.ts';
import {settlePending} from './plan-pending.ts';
import {planTakeBack, unusedFolders} from './plan-take-back.ts';
import {startCommands, stopCommands, tell} from './plan-units.ts';
import {
  holdsRecord,
  type InstalledEndpoint,
  type InstallRecord,
  type Mode,
  readRecord,
  recordFile,
} from './record.ts';
import {isOutdated} from './relay-age.ts';
import {checkSocketPlace} from './socket-place.ts';
import {deafSockets, lookAtSockets} from './socket-sight.ts';
import {unitStates} from './systemctl.ts';
import {RELAY_SERVICE, socketUnit} from './units.ts';
import {type Wanted, wanted} from './wanted.ts';

export type InstallOptions = {
  /** Endpoints to add; none: what is installed is brought up to date, or else what is found on Windows is installed. */
  names: readonly string[];
  /** What was found is installed without asking. */
  yes: boolean;
  mode: Mode | undefined;
  now: boolean;
  force: boolean;
  dryRun: boolean;
};

/** All that an installation would do, before the first of it is done. */
export type Prepared = {
  changes: Change[];
  notes: Note[];
  record: InstallRecord;
  /** Looked at already, for a plan that has to be made anew. */
  helper: HelperSource;
  /** What is left to be typed without --now. */
  commands: string[][];
  nothing: boolean;
  /** A socket for ssh is among those that are started. */
  hasSsh: boolean;
};

/**
 * Checks all that can be checked, looks at all that is there, and plans; changes nothing. `found` is a helper that was
 * looked at already. Throws UserError.
 */
export async function prepare(
  options: InstallOptions,
  config: Config,
  found?: HelperSource,
): Promise<Prepared> {
  const old = readRecord();
  const mode = options.mode ?? old?.mode ?? 'daemon';
  const endpoints = await allEndpoints(options.names, old, config);
  for (const {listen} of endpoints) checkSocketPlace(listen);
  await checkManager();
  const helper = found ?? (await withProgress('looking at the helper', helperSource(process.env, old)));
  const want = await wanted(endpoints, mode, helper, process.env);
  checkMaskable(want.items);
  return plan(
    options,
    old,
    mode,
    endpoints.map(endpoint => recorded(endpoint, config)),
    helper,
    want,
  );
}

/** What the record says of an endpoint. */
function recorded({name, protocol, listen, gnupg}: Endpoint, {chosen}: Config): InstalledEndpoint {
  const targets = chosen?.get(name);
  return {name, protocol, listen, gnupg, ...(targets === undefined ? {} : {targets: [...targets]})};
}

async function plan(
  {force, now}: InstallOptions,
  old: InstallRecord | undefined,
  mode: Mode,
  endpoints: InstalledEndpoint[],
  helper: HelperSource,
  {items, notes, privateFolders, program}: Wanted,
): Promise<Prepared> {
  const entries = old?.entries ?? [];
  const keys = new Set(items.map(keyOf));
  // without --now the units that run still start the old helper
  const superseded = entries.filter(
    entry => entry.kind !== 'folder' && !keys.has(keyOf(entry)) && (now || entry.kind !== 'exe'),
  );
  const sockets = endpoints.map(({name}) => socketUnit(name));
  const masks = items.flatMap(item => (item.kind === 'mask' ? item.unit : []));
  const units = await unitStates([RELAY_SERVICE, ...sockets, ...masks]);
  const deaf = deafSockets(endpoints, await lookAtSockets(endpoints), units);
  const taken = [...deaf].flatMap(([unit, {kind}]) => (kind === 'taken' ? unit : []));
  const relayPid = units.get(RELAY_SERVICE)?.pid || undefined;
  const daemons = await competitors(endpoints, {units: sockets, taken, relayPid});
  const present = await look([...items, ...entries], [stateDir(), unitDir()], units);

  const back = planTakeBack(superseded, present);
  const made = planItems(items, entries, present, force);
  const written = [...made.changes, ...back.changes];
  const stop = stopCommands(superseded, present);
  const ours = managed(sockets, entries, made.changes);
  const stale = now && isOutdated(units.get(RELAY_SERVICE));
  const start = startCommands(ours, written, present, {deaf: [...deaf.keys()], stale});
  const folders = planFolders(
    [recordChange(old), ...made.changes],
    present,
    path => path === stateDir() || privateFolders.includes(path),
  );
  const settled = settlePending(entries, [...folders, ...made.changes, ...back.changes], present);
  const staying = entries.filter(entry => !superseded.includes(entry));
  const unused = planTakeBack(unusedFolders(entries, [...items, ...staying]), present).changes;
  // without their service or their template, sockets that listen would only fail
  const stopNow = now || superseded.some(isUnit);
  const changes = [
    ...folders,
    ...(stopNow ? tell(start.before) : []),
    ...tell(stop.before),
    ...back.changes,
    ...made.changes,
    ...daemons,
    ...tell(withReload(now ? start.after : stop.after, old)),
    ...settled,
    ...unused.filter(({action}) => !('path' in action && holdsRecord(action.path))),
  ];
  const record: InstallRecord = {
    schema: 1,
    version: VERSION,
    mode,
    endpoints,
    program: [...program],
    helper: helper.words,
    entries,
    ...(old?.reload === true ? {reload: true} : {}),
  };
  const same = old !== undefined && JSON.stringify(record) === JSON.stringify(old);
  const silent = changes.every(({done}) => done === undefined);
  return {
    // a record that only learns something is written too, without a word
    changes: same && changes.length === 0 ? [] : [...changes, {action: {do: 'note down'}}],
    notes: [...notes, ...back.notes, ...made.notes],
    record,
    helper,
    commands: now ? [] : [...(stopNow ? [] : start.before), ...start.after],
    nothing: silent,
    hasSsh: endpoints.some(({name, protocol}) => protocol === 'ssh-agent' && ours.includes(socketUnit(name))),
  };
}

/** systemd may not have read yet what an installation before this one wrote. */
function withReload(commands: readonly string[][], old: InstallRecord | undefined): readonly string[][] {
  const due = old?.reload === true && commands.every(([verb]) => verb !== 'daemon-reload');
  return due ? [['daemon-reload'], ...commands] : commands;
}

function isUnit(entry: Entry): boolean {
  return entry.kind === 'file' && (entry.owner === 'relay' || entry.owner.startsWith('endpoint:'));
}

/** The record itself needs its folder, and before all others: what is made is written down there. */
function recordChange(old: InstallRecord | undefined): Change {
  if (old !== undefined) return {action: {do: 'note down'}};
  return {
    action: {do: 'write', path: recordFile(), content: new Uint8Array(0), mode: 0o600, from: 'nothing'},
  };
}

/** The sockets whose unit files are ours: a foreign unit of that name is not started. */
function managed(
  sockets: readonly string[],
  entries: readonly Entry[],
  changes: readonly Change[],
): string[] {
  const known = [...entries, ...changes.flatMap(({entry}) => entry ?? [])];
  const paths = new Set(known.flatMap(entry => (entry.kind === 'file' ? entry.path : [])));
  return sockets.filter(socket => paths.has(`${unitDir()}/${socket}`));
}

/** The endpoints asked for and those that are installed, as the configuration has them now. */
async function allEndpoints(
  names: readonly string[],
  old: InstallRecord | undefined,
  config: Config,
): Promise<Endpoint[]> {
  const resolved = await resolveEndpoints([...names], config);
  const rest = (old?.endpoints ?? []).filter(({name}) => !names.includes(name));
  for (const {name} of rest) {
    try {
      resolved.push(...(await resolveEndpoints([name], config)));
    } catch (error) {
      // what is wrong with this machine or shell is no reason to take an endpoint away
      if (!(error instanceof UserError) || !['usage', 'config'].includes(error.exit)) throw error;
      throw new UserError(`${error.message}, which is installed`, `wslagent uninstall ${name}`, error.exit);
    }
  }
  // as they were installed, so that the record does not change by the order in which they are named
  const order = (old?.endpoints ?? []).map(({name}) => name);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return resolved.sort((a, b) => place(a.name) - place(b.name));
}
