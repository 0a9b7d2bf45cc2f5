import {hintLines} from '../../shared/hint.ts';
import {oneLine} from '../../shared/text.ts';
import {VERSION} from '../../shared/version.ts';
import {monotonicNow} from './clock.ts';
import {sshEndpoint} from './environment.ts';
import {environmentProblems} from './environment-problems.ts';
import type {Fault} from './fault.ts';
import {faultyFiles} from './helper-files.ts';
import type {JournalLine} from './journal-lines.ts';
import type {LastWord} from './last-words.ts';
import type {Holder} from './listeners.ts';
import type {InstalledEndpoint, InstallRecord, Mode} from './record.ts';
import {problemsOf} from './status-problems.ts';
import {type Sight, see} from './status-sight.ts';
import type {UnitState} from './systemctl.ts';
import {tryLine} from './try-line.ts';
import {RELAY_SERVICE, socketUnit} from './units.ts';

/** What `wslagent status --json` prints. Scripts rely on it: fields are added, none change their meaning. */
export type Status = {
  version: string;
  /** In this order the exit codes are 0, 1, 3 and 3. */
  state: 'ok' | 'problem' | 'not running' | 'not installed';
  mode: Mode | null;
  endpoints: EndpointStatus[];
  /** The relay of daemon mode; null in direct mode. */
  relay: RelayStatus | null;
  helper: HelperStatus | null;
  /** Where this shell's SSH_AUTH_SOCK points, and where it points when ssh is to use wslagent. */
  environment: {sshAuthSock: string | null; expected: string | null};
  problems: Problem[];
  /** Whether the journal could be read: what became of clients is known from there alone. */
  journalRead: boolean;
  /** The last warnings and errors of the last hour, oldest first. */
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
  /** What became of the last client since the socket listens; null when nobody came, or nobody knows. `at` as in ISO 8601. */
  last: {served: boolean; at: string; reason: string | null} | null;
  /** A command that uses it; null where there is none to be had. */
  try: string | null;
};

export type RelayStatus = {
  active: boolean;
  /** In systemd's words: `active`, `inactive`, `failed`, … */
  state: string;
  pid: number | null;
  /** As systemd writes it. */
  since: string | null;
};

export type HelperStatus = {
  command: string[];
  /** It is there; an exe and a library that were installed are those that were installed. */
  whole: boolean;
  /** The paths of those that are not. */
  faulty: string[];
};

/** Something that is wrong; the lines of its hint, and those of them that are to be typed. */
export type Problem = Fault & {type: string[]};

/** How many lines of the journal are shown, and how old they may be, in milliseconds. */
const LINES = 3;
const RECENT = 3_600_000;

const WARNING = 4;

/** Looks at everything that was installed; changes nothing and starts nothing. Throws UserError. */
export async function status(record: InstallRecord | undefined, env: NodeJS.ProcessEnv): Promise<Status> {
  const sshAuthSock = env.SSH_AUTH_SOCK || null;
  if (record === undefined) return notInstalled(sshAuthSock);
  const sight = await see(record, env);
  const endpoints = record.endpoints.map(endpoint => endpointStatus(endpoint, sight));
  const faulty = await faultyFiles(record);
  const helper = {command: record.helper, whole: faulty.length === 0, faulty};
  const expected = sshEndpoint(record.endpoints)?.listen ?? null;
  const faults = [
    ...problemsOf(record, sight, endpoints, helper),
    ...(expected === null ? [] : await environmentProblems(expected, env)),
  ];
  const problems = faults.map(withCommands);
  const runs = endpoints.some(({unit}) => sight.units.get(unit)?.active === 'active');
  return {
    version: VERSION,
    state: runs ? (problems.length > 0 ? 'problem' : 'ok') : 'not running',
    mode: record.mode,
    endpoints,
    relay: record.mode === 'daemon' ? relayStatus(sight.units.get(RELAY_SERVICE)) : null,
    helper,
    environment: {sshAuthSock, expected},
    problems,
    journalRead: sight.words !== undefined,
    journal: lastErrors(sight.lines),
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
    journalRead: false,
    journal: [],
  };
}

function withCommands(fault: Fault): Problem {
  const type = hintLines(fault.hint).flatMap(({text, typed}) => (typed ? text : []));
  return {...fault, type};
}

function endpointStatus(endpoint: InstalledEndpoint, {units, sockets, words}: Sight): EndpointStatus {
  const {name, listen} = endpoint;
  const unit = socketUnit(name);
  const {mode = null, isSocket = false, holders = []} = sockets.get(name) ?? {};
  return {
    name,
    socket: listen,
    unit,
    listening: units.get(unit)?.active === 'active' && isSocket,
    mode,
    holders,
    last: lastStatus(words?.get(name)),
    try: tryLine(endpoint),
  };
}

function lastStatus(word: LastWord | undefined): EndpointStatus['last'] {
  if (word === undefined) return null;
  const at = new Date(word.at).toISOString();
  return word.served ? {served: true, at, reason: null} : {served: false, at, reason: word.reason};
}

function relayStatus(unit: UnitState | undefined): RelayStatus {
  const active = unit?.active === 'active';
  return {
    active,
    state: unit?.active ?? 'unknown',
    pid: (active && unit.pid) || null,
    since: (active && unit.since) || null,
  };
}

/** The newest ones, in the order in which they were written. */
function lastErrors(newestFirst: readonly JournalLine[]): string[] {
  const recent = newestFirst.filter(
    ({priority, monotonic}) => priority <= WARNING && monotonic >= monotonicNow() - RECENT,
  );
  return recent
    .slice(0, LINES)
    .toReversed()
    .map(({message}) => oneLine(message, 1000));
}
