import {basename} from 'node:path';
import {type Change, change} from './change.ts';
import {ENVIRONMENT_FILE} from './environment.ts';
import type {Entry} from './item.ts';
import type {Present} from './present.ts';
import {RELAY_SERVICE} from './units.ts';

/** Arguments of `systemctl --user`, in the order in which they are to be run. */
export type Commands = {
  /** Before any file is touched. */
  before: string[][];
  /** When all files are there. */
  after: string[][];
};

/** All of ours, whatever is left of them. */
const ALL_UNITS = 'wslagent*';

const SOCKET = /^wslagent-[a-z0-9-]+\.socket$/;

/** Files that the user manager reads at daemon-reload. */
function isRead(path: string): boolean {
  return /\.(socket|service)$/.test(path) || basename(path) === ENVIRONMENT_FILE;
}

/**
 * What systemd has to be told so that these sockets listen, given the changes of files. `deaf` are those of them on which
 * it believes that it listens. `stale`: the relay that runs is not the one that would be started. Nothing when all listen
 * and nothing changed. Pure.
 */
export function startCommands(
  sockets: readonly string[],
  changes: readonly Change[],
  present: Present,
  {deaf = [], stale = false}: {deaf?: readonly string[]; stale?: boolean} = {},
): Commands {
  const written = changedNames(changes);
  const state = (unit: string) => present.units.get(unit);
  const changed = sockets.filter(
    socket => (written.has(socket) || deaf.includes(socket)) && state(socket)?.active === 'active',
  );
  const idle = sockets.filter(socket => state(socket)?.active !== 'active' || changed.includes(socket));
  const disabled = sockets.filter(socket => state(socket)?.file !== 'enabled');
  const failed = [RELAY_SERVICE, ...sockets].filter(unit => state(unit)?.active === 'failed');
  const relayRuns = ['active', 'activating'].includes(state(RELAY_SERVICE)?.active ?? '');
  // a relay that runs knows neither new sockets (systemd would refuse to start those) nor a new helper
  const relayIsOld =
    stale ||
    written.has(RELAY_SERVICE) ||
    state(RELAY_SERVICE)?.needReload === true ||
    idle.length > 0 ||
    copiesExe(changes);
  const stop = [...changed, ...(relayRuns && relayIsOld ? [RELAY_SERVICE] : [])];
  const start = sockets.filter(socket => idle.includes(socket) || disabled.includes(socket));
  const reload = written.size > 0 || [RELAY_SERVICE, ...sockets].some(unit => state(unit)?.needReload);
  return {
    before: stop.length > 0 ? [['stop', ...stop]] : [],
    after: [
      ...(reload ? [['daemon-reload']] : []),
      ...(failed.length > 0 ? [['reset-failed', ...failed]] : []),
      ...(start.length > 0 ? [['enable', '--now', ...start]] : []),
    ],
  };
}

/**
 * What systemd has to be told before the files of these entries go, and after: their sockets stop and are
 * disabled, connections end, and nothing of a failure stays in its list. Pure.
 */
export function stopCommands(entries: readonly Entry[], present: Present): Commands {
  const units = entries.flatMap(entry => (entry.kind === 'file' ? basename(entry.path) : []));
  const sockets = units.filter(unit => SOCKET.test(unit));
  const up = sockets.filter(socket => {
    const state = present.units.get(socket);
    return (
      state !== undefined && (state.file === 'enabled' || !['inactive', 'failed'].includes(state.active))
    );
  });
  const instances = units
    .filter(unit => unit.endsWith('@.service'))
    .map(unit => unit.replace('@.service', '@*.service'));
  const relay = present.units.get(RELAY_SERVICE);
  const relayRuns = relay !== undefined && !['inactive', 'failed'].includes(relay.active);
  // it holds a removed socket open until it ends
  const relayStops = sockets.length > 0 || units.includes(RELAY_SERVICE);
  const stop = [...(relayRuns && relayStops ? [RELAY_SERVICE] : []), ...instances];
  return {
    before: [
      ...(up.length > 0 ? [['disable', '--now', ...up]] : []),
      ...(stop.length > 0 ? [['stop', ...stop]] : []),
      ...(relayStops ? [['reset-failed', ALL_UNITS]] : []),
    ],
    after: entries.some(entry => entry.kind === 'file' && isRead(entry.path)) ? [['daemon-reload']] : [],
  };
}

/** Names of the files for systemd that these changes write or remove. */
function changedNames(changes: readonly Change[]): Set<string> {
  return new Set(
    changes.flatMap(({action}) =>
      (action.do === 'write' || action.do === 'remove') && isRead(action.path) ? basename(action.path) : [],
    ),
  );
}

function copiesExe(changes: readonly Change[]): boolean {
  return changes.some(({action}) => action.do === 'copy exe');
}

/** A failure that is forgotten because its unit goes is worth no word. */
export function tell(commands: readonly string[][]): Change[] {
  return commands.map(args => {
    const action = {do: 'systemctl', args} as const;
    return args[0] === 'reset-failed' && args[1] === ALL_UNITS
      ? {action}
      : change(action, ['ran', 'run'], `systemctl --user ${args.join(' ')}`);
  });
}
