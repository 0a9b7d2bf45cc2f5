import {execa} from 'execa';
import {oneLine} from '../../shared/text.ts';
import {UserError} from '../errors.ts';

/** Longer than systemd's own 90 s for a service that does not want to stop. */
const DEADLINE = 100_000;

/** A question is answered at once by a manager that is well. */
const QUESTION_DEADLINE = 15_000;

export type SystemctlResult = {ok: boolean; stdout: string /** one line, for people */; reason: string};

/** Where no process can be started at all, which says nothing about systemd. */
const OUT_OF: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'];

/** Runs `systemctl --user`; rejects only where nothing can be started, with the system's error. `offline` works on unit files alone, without a manager. */
export async function systemctl(
  args: readonly string[],
  {deadline = DEADLINE, offline = false}: {deadline?: number; offline?: boolean} = {},
): Promise<SystemctlResult> {
  const result = await execa('systemctl', ['--user', ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: deadline,
    env: {LC_ALL: 'C', SYSTEMD_PAGER: 'cat', SYSTEMD_COLORS: '0', ...(offline ? {SYSTEMD_OFFLINE: '1'} : {})},
  });
  if (OUT_OF.includes(result.code)) throw result.cause;
  const said = result.stderr.split('\n').filter(line => !/^(Created symlink|Removed) /.test(line));
  return {
    ok: !result.failed,
    stdout: result.stdout,
    reason: oneLine(said.join(' ')) || oneLine(result.shortMessage ?? ''),
  };
}

/** As systemctl, and throws UserError when it fails for another reason than one that is `fine`. */
export async function mustSystemctl(args: readonly string[], fine?: RegExp): Promise<void> {
  const {ok, reason} = await systemctl(args);
  if (ok || fine?.test(reason)) return;
  const [unit] = args.filter(arg => /\.(socket|service)$/.test(arg));
  throw new UserError(
    `systemctl --user ${args.join(' ')} failed: ${reason}`,
    unit === undefined ? 'systemctl --user status' : `systemctl --user status ${unit}`,
  );
}

/** What systemd knows about a unit, in its own words (systemctl(1), `show`). */
export type UnitState = {
  /** `loaded`, `not-found`, `masked`, `bad-setting`, … */
  load: string;
  /** `active`, `inactive`, `failed`, … */
  active: string;
  sub: string;
  /** `enabled`, `disabled`, `masked`, `static`, … */
  file: string;
  /** Why it is in the state `failed`, such as `trigger-limit-hit`. */
  result: string;
  needReload: boolean;
  /** Main process of a service, 0 when there is none. */
  pid: number;
  /** When it became active, as systemd writes it; empty when it did not. */
  since: string;
  /** The same in milliseconds of CLOCK_MONOTONIC, as process.hrtime() counts; 0 when it did not. */
  sinceMonotonic: number;
  /** Of a socket: the mode that its file is given, such as `0600`; empty for other units. */
  socketMode: string;
};

const PROPERTIES =
  'Id,LoadState,ActiveState,SubState,UnitFileState,Result,NeedDaemonReload,MainPID,ActiveEnterTimestamp,ActiveEnterTimestampMonotonic,SocketMode';

/** The states of these units; all of them, also those that do not exist. Throws UserError without a user manager. */
export async function unitStates(units: readonly string[]): Promise<Map<string, UnitState>> {
  if (units.length === 0) return new Map();
  const {ok, stdout, reason} = await systemctl(['show', `--property=${PROPERTIES}`, '--', ...units], {
    deadline: QUESTION_DEADLINE,
  });
  if (!ok)
    throw new UserError(`systemd's user manager does not answer: ${reason}`, 'systemctl --user status');
  return new Map(parseShow(stdout).map((properties, index) => [units[index] ?? '', unitState(properties)]));
}

/** Reads the blocks that `systemctl show` prints, one for each unit, in the order asked for. */
export function parseShow(stdout: string): Map<string, string>[] {
  return stdout
    .split(/\n\n+/)
    .filter(block => block.trim() !== '')
    .map(block => {
      const lines = block.split('\n').filter(line => line.includes('='));
      return new Map(
        lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
      );
    });
}

function unitState(properties: Map<string, string>): UnitState {
  const text = (name: string): string => properties.get(name) ?? '';
  return {
    load: text('LoadState'),
    active: text('ActiveState'),
    sub: text('SubState'),
    file: text('UnitFileState'),
    result: text('Result'),
    needReload: text('NeedDaemonReload') === 'yes',
    pid: Number(text('MainPID')) || 0,
    since: text('ActiveEnterTimestamp'),
    sinceMonotonic: Number(text('ActiveEnterTimestampMonotonic')) / 1000 || 0,
    socketMode: text('SocketMode'),
  };
}

/** The units of this pattern that run now. */
export async function runningUnits(pattern: string): Promise<Set<string>> {
  const {stdout} = await systemctl(
    ['list-units', '--plain', '--no-legend', '--full', '--state=active,activating,deactivating', pattern],
    {deadline: QUESTION_DEADLINE},
  );
  return new Set(stdout.split('\n').flatMap(line => line.trim().split(/\s+/)[0] || []));
}

/** The user manager's folders for units. Undefined when there is no manager to ask, with the reason. */
export async function managerUnitPath(): Promise<{path: string[]} | {reason: string}> {
  const {ok, stdout, reason} = await systemctl(['show', '--property=UnitPath', '--value'], {
    deadline: QUESTION_DEADLINE,
  });
  return ok ? {path: stdout.trim().split(/\s+/)} : {reason};
}
