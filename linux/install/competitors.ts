import {existsSync, lstatSync} from 'node:fs';
import {join} from 'node:path';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {unitDir} from '../paths.ts';
import {type Change, change} from './change.ts';
import {GNUPG_UNITS} from './gnupg-items.ts';
import type {Item} from './item.ts';
import {type Holder, listenersOn} from './listeners.ts';
import type {InstalledEndpoint} from './record.ts';
import {parseShow, systemctl} from './systemctl.ts';

/** GnuPG's own daemons may be ended: they are started again when somebody needs them. */
const GNUPG_DAEMONS = ['gpg-agent', 'scdaemon'];

/** Who may listen where our sockets are: these units, but for those whose place was taken, and our relay. */
export type Ours = {units: readonly string[]; taken: readonly string[]; relayPid: number | undefined};

/**
 * What has to end before our sockets can listen: local GnuPG daemons. Anything else that listens in our place
 * is respected. Throws UserError that names who does.
 */
export async function competitors(endpoints: readonly InstalledEndpoint[], ours: Ours): Promise<Change[]> {
  const listeners = await listenersOn(endpoints.map(({listen}) => listen));
  const units = await socketUnits();
  const daemons = new Map<number, Holder>();
  for (const {listen} of endpoints) {
    const unit = units.get(listen);
    const isOurs = unit !== undefined && ours.units.includes(unit);
    if (isOurs && !ours.taken.includes(unit)) continue;
    if (unit !== undefined && !isOurs && !isGnupg(unit))
      throw new UserError(
        `${listen} belongs to ${unit}, which listens on it`,
        `systemctl --user disable --now ${unit}`,
        'cannotListen',
      );
    const holders = listeners.get(listen);
    // a relay goes on with a socket whose unit is gone
    if (holders === undefined || holders.some(({pid}) => pid === ours.relayPid)) continue;
    const daemon = holders.find(({program}) => GNUPG_DAEMONS.includes(program));
    if (daemon !== undefined) daemons.set(daemon.pid, daemon);
    else if (unit === undefined || isOurs) throw inUse(listen, holders);
  }
  return [...daemons.values()].map(({pid, program}) =>
    change(
      {do: 'end process', pid, program},
      ['ended', 'end'],
      `${program} (pid ${pid}; it listens where gpg must find wslagent)`,
    ),
  );
}

/** A unit of the distribution's that the person has replaced cannot be masked. Throws UserError. */
export function checkMaskable(items: readonly Item[]): void {
  for (const item of items) {
    if (item.kind !== 'mask') continue;
    const path = join(unitDir(), item.unit);
    if (lstatSync(path, {throwIfNoEntry: false})?.isFile())
      throw new UserError(
        `${path} is a unit of your own and cannot be masked; ${item.about}`,
        `mv ${shellWord(path)} ${shellWord(`${path}.off`)}\nsystemctl --user daemon-reload`,
      );
  }
}

function isGnupg(unit: string): boolean {
  return GNUPG_UNITS.includes(unit);
}

function inUse(path: string, holders: readonly Holder[]): UserError {
  // the last one is the one that works with it; those before it have passed it on
  const holder = holders.at(-1);
  return new UserError(
    holder === undefined
      ? `${path} is in use: another user's process listens on it`
      : `${path} is in use: ${holder.program} (pid ${holder.pid}) listens on it`,
    holder === undefined ? `ss -xlp src ${shellWord(path)}` : `kill ${holder.pid}`,
    'cannotListen',
  );
}

/** The active socket unit of each path. */
async function socketUnits(): Promise<Map<string, string>> {
  const {stdout} = await systemctl(['show', '--property=Id,ActiveState,Listen', '*.socket'], {
    deadline: 15_000,
  });
  return new Map(
    parseShow(stdout)
      .filter(unit => unit.get('ActiveState') === 'active')
      .flatMap(unit => {
        const path = /^(.*) \(\w+\)$/.exec(unit.get('Listen') ?? '')?.[1];
        return path !== undefined && existsSync(path) ? [[path, unit.get('Id') ?? ''] as const] : [];
      }),
  );
}
