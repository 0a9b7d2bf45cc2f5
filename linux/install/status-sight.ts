import {loadConfig} from '../config/load.ts';
import {resolveEndpoints} from '../endpoints.ts';
import {UserError} from '../errors.ts';
import {runtimeDir} from '../paths.ts';
import {type Fault, REPAIR} from './fault.ts';
import {type JournalLine, journalLines} from './journal-lines.ts';
import {type LastWord, type Reason, startFailure, wordsOfInstances, wordsOfRelay} from './last-words.ts';
import {managerHint} from './manager.ts';
import type {InstallRecord} from './record.ts';
import {isOutdated} from './relay-age.ts';
import {lookAtSockets, type SocketSight} from './socket-sight.ts';
import {managerUnitPath, runningUnits, type UnitState, unitStates} from './systemctl.ts';
import {RELAY_SERVICE, socketUnit} from './units.ts';

/** What systemd, the kernel, the journal and the configuration say, from which a status is made. */
export type Sight = {
  /** Why the user manager cannot be asked. */
  noManager: string | undefined;
  /** Why it cannot be found at all. */
  session?: Fault | undefined;
  units: ReadonlyMap<string, UnitState>;
  /** By endpoint, as words are. */
  sockets: ReadonlyMap<string, SocketSight>;
  /** What became of each endpoint's last client since its socket listens; undefined where nobody can tell. */
  words: ReadonlyMap<string, LastWord> | undefined;
  /** Why the relay's last start failed. */
  start: Reason | undefined;
  /** The relay runs with a configuration that is not the present one. */
  outdated: boolean;
  configuration: ConfigurationSight;
  /** Newest first. */
  lines: readonly JournalLine[];
};

export type ConfigurationSight = {
  /** What is wrong with it, or with what it says of the endpoints that are installed. */
  faults: readonly Reason[];
  /** The relay does not say whom it served. */
  quiet: boolean;
};

/** Looks at all of it; starts nothing. Throws UserError. */
export async function see(record: InstallRecord, env: NodeJS.ProcessEnv): Promise<Sight> {
  const [units, sockets, lines, configuration] = await Promise.all([
    unitsOf(record, env),
    lookAtSockets(record.endpoints),
    journalLines(),
    configurationSight(record),
  ]);
  const direct = record.mode === 'direct' && units.noManager === undefined;
  const running = direct ? await runningUnits('wslagent-*@*.service') : new Set<string>();
  const relay = units.units.get(RELAY_SERVICE);
  const since = listenSince(record, units.units);
  return {
    ...units,
    sockets,
    words: words(record, lines, since, running),
    start: record.mode === 'daemon' ? startFailure(lines ?? [], Math.min(...since.values())) : undefined,
    outdated: isOutdated(relay),
    configuration,
    lines: lines ?? [],
  };
}

/** Without this user's own XDG_RUNTIME_DIR systemctl asks at the wrong door, or at none. */
function sessionProblem(env: NodeJS.ProcessEnv): Fault | undefined {
  try {
    runtimeDir(env);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {what: error.message, hint: error.hint ?? managerHint()};
  }
}

async function unitsOf(
  {endpoints, entries}: InstallRecord,
  env: NodeJS.ProcessEnv,
): Promise<Pick<Sight, 'noManager' | 'units' | 'session'>> {
  const manager = await managerUnitPath();
  if ('reason' in manager) return {noManager: manager.reason, units: new Map(), session: sessionProblem(env)};
  const sockets = endpoints.map(({name}) => socketUnit(name));
  const masks = entries.flatMap(entry => (entry.kind === 'mask' ? entry.unit : []));
  return {noManager: undefined, units: await unitStates([RELAY_SERVICE, ...sockets, ...masks])};
}

/** Since when each endpoint's socket listens, in milliseconds of CLOCK_MONOTONIC. */
function listenSince({endpoints}: InstallRecord, units: ReadonlyMap<string, UnitState>): Map<string, number> {
  return new Map(
    endpoints.map(({name}) => [name, units.get(socketUnit(name))?.sinceMonotonic ?? 0] as const),
  );
}

function words(
  {mode}: InstallRecord,
  lines: readonly JournalLine[] | undefined,
  since: ReadonlyMap<string, number>,
  running: ReadonlySet<string>,
): Sight['words'] {
  // systemd writes a line when a socket begins to listen: where there is none, this user may not read them
  if (lines === undefined || lines.length === 0) return undefined;
  return mode === 'daemon' ? wordsOfRelay(lines, since) : wordsOfInstances(lines, since, running);
}

async function configurationSight({endpoints}: InstallRecord): Promise<ConfigurationSight> {
  try {
    const config = await loadConfig();
    const resolved = await resolveEndpoints(
      endpoints.map(({name}) => name),
      config,
    );
    const faults = resolved.flatMap(({name, listen}, index) => {
      const installed = endpoints[index]?.listen;
      if (listen === installed) return [];
      return [
        {reason: `${name} is to listen on ${listen}, and was installed for ${installed}`, hint: REPAIR},
      ];
    });
    return {faults, quiet: ['error', 'warning'].includes(config.relay.logLevel)};
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const {message, hint} = error;
    return {faults: [{reason: message, ...(hint === undefined ? {} : {hint})}], quiet: false};
  }
}
