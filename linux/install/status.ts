import {lstatSync} from 'node:fs';
import {VERSION} from '../../shared/version.ts';
import {UserError} from '../errors.ts';
import {runtimeDir} from '../paths.ts';
import {sshEndpoint} from './environment.ts';
import {environmentProblems} from './environment-problems.ts';
import {faultyFiles} from './helper-files.ts';
import {lastErrors} from './journal-errors.ts';
import {type Holder, listenersOn} from './listeners.ts';
import type {InstalledEndpoint, InstallRecord, Mode} from './record.ts';
import {problemsOf} from './status-problems.ts';
import {managerUnitPath, type UnitState, unitStates} from './systemctl.ts';
import {RELAY_SERVICE, socketUnit} from './units.ts';

/** What `wslagent status --json` prints. Scripts rely on it: fields are added, none change their meaning. */
export type Status = {
  version: string;
  /** In this order the exit codes are 0, 1, 3 and 3. */
  state: 'ok' | 'problem' | 'not running' | 'not installed';
  mode: Mode | null;
  endpoints: EndpointStatus[];
  /** The relay of daemon mode; null in direct mode. */
  relay: {active: boolean; pid: number | null /** as systemd writes it */; since: string | null} | null;
  helper: HelperStatus | null;
  /** Where this shell's SSH_AUTH_SOCK points, and where it points when ssh is to use wslagent. */
  environment: {sshAuthSock: string | null; expected: string | null};
  problems: Problem[];
  /** Last warnings and errors in the journal, of the last hour, oldest first. */
  journal: string[];
};

export type EndpointStatus = {
  name: string;
  socket: string;
  unit: string;
  /** systemd listens, or has handed the socket to the relay. */
  listening: boolean;
  /** Of the socket file, octal such as `0600`; null when there is none. */
  mode: string | null;
  /** Who holds the socket that is bound to the path now, as far as this user may see. */
  holders: Holder[];
};

export type HelperStatus = {
  command: string[];
  /** It is there; an exe and a library that were installed are those that were installed. */
  whole: boolean;
  /** The paths of those that are not. */
  faulty: string[];
};

/** Something that is wrong, and the next command to type. */
export type Problem = {what: string; hint: string};

/** What systemd and the kernel say, from which a status is made. */
export type Sight = {
  /** Why the user manager cannot be asked. */
  noManager: string | undefined;
  units: ReadonlyMap<string, UnitState>;
  /** Why it cannot be found at all. */
  session?: Problem | undefined;
};

/** Looks at everything that was installed; changes nothing and starts nothing. Throws UserError. */
export async function status(record: InstallRecord | undefined, env: NodeJS.ProcessEnv): Promise<Status> {
  const sshAuthSock = env.SSH_AUTH_SOCK || null;
  if (record === undefined) return notInstalled(sshAuthSock);
  const sight = await see(record, env);
  const listeners = await listenersOn(record.endpoints.map(({listen}) => listen));
  const endpoints = record.endpoints.map(endpoint =>
    endpointStatus(endpoint, sight, listeners.get(endpoint.listen) ?? []),
  );
  const faulty = await faultyFiles(record);
  const helper = {command: record.helper, whole: faulty.length === 0, faulty};
  const expected = sshEndpoint(record.endpoints)?.listen ?? null;
  const problems = [
    ...problemsOf(record, sight, endpoints, helper),
    ...(expected === null ? [] : await environmentProblems(expected, env)),
  ];
  const relay = sight.units.get(RELAY_SERVICE);
  return {
    version: VERSION,
    state: endpoints.some(({listening}) => listening)
      ? problems.length > 0
        ? 'problem'
        : 'ok'
      : 'not running',
    mode: record.mode,
    endpoints,
    relay: record.mode === 'daemon' ? relayStatus(relay) : null,
    helper,
    environment: {sshAuthSock, expected},
    problems,
    journal: await lastErrors(),
  };
}

function notInstalled(sshAuthSock: string | null): Status {
  return {
    version: VERSION,
    state: 'not installed',
    mode: null,
    endpoints: [],
    relay: null,
    helper: null,
    environment: {sshAuthSock, expected: null},
    problems: [],
    journal: [],
  };
}

/** Without this user's own XDG_RUNTIME_DIR systemctl asks at the wrong door, or at none. */
function sessionProblem(env: NodeJS.ProcessEnv): Problem | undefined {
  try {
    runtimeDir(env);
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {what: error.message, hint: error.hint ?? 'systemctl --user status'};
  }
}

async function see({endpoints, entries}: InstallRecord, env: NodeJS.ProcessEnv): Promise<Sight> {
  const manager = await managerUnitPath();
  if ('reason' in manager) return {noManager: manager.reason, units: new Map(), session: sessionProblem(env)};
  const sockets = endpoints.map(({name}) => socketUnit(name));
  const masks = entries.flatMap(entry => (entry.kind === 'mask' ? entry.unit : []));
  return {noManager: undefined, units: await unitStates([RELAY_SERVICE, ...sockets, ...masks])};
}

function endpointStatus(
  {name, listen}: InstalledEndpoint,
  {units}: Sight,
  holders: Holder[],
): EndpointStatus {
  const unit = socketUnit(name);
  const file = lstatSync(listen, {throwIfNoEntry: false});
  return {
    name,
    socket: listen,
    unit,
    listening: units.get(unit)?.active === 'active' && file?.isSocket() === true,
    mode: file === undefined ? null : (file.mode & 0o7777).toString(8).padStart(4, '0'),
    holders,
  };
}

function relayStatus(unit: UnitState | undefined): Status['relay'] {
  const active = unit?.active === 'active';
  return {active, pid: (active && unit.pid) || null, since: (active && unit.since) || null};
}
