import {lstatSync} from 'node:fs';
import {readProc} from '../proc.ts';
import {parseUnixTable} from '../relay/unix-table.ts';
import {boundFiles} from './bound-files.ts';
import {type Holder, listenersOn} from './listeners.ts';
import type {InstalledEndpoint} from './record.ts';
import type {UnitState} from './systemctl.ts';
import {RELAY_SERVICE, socketUnit} from './units.ts';

/** What is at a socket's path. */
export type SocketSight = {
  /** Of the file, octal such as `0600`; null when there is none. */
  mode: string | null;
  isSocket: boolean;
  /** Somebody listens on what is bound there, as far as that can be told. */
  heard: boolean;
  /** Who, as far as this user may see. */
  holders: Holder[];
};

/** Why clients do not reach a socket on which systemd listens. */
export type SocketFault =
  | {kind: 'gone'}
  | {kind: 'mode'; mode: string}
  | {kind: 'unheard'}
  | {kind: 'taken'; by: Holder};

/** Looks at the path of each endpoint's socket, by the endpoint's name. */
export async function lookAtSockets(
  endpoints: readonly Pick<InstalledEndpoint, 'name' | 'listen'>[],
): Promise<Map<string, SocketSight>> {
  const holders = await listenersOn(endpoints.map(({listen}) => listen));
  const sights = endpoints.map(async ({name, listen}) => {
    const file = lstatSync(listen, {throwIfNoEntry: false});
    const sight: SocketSight = {
      mode: file === undefined ? null : (file.mode & 0o7777).toString(8).padStart(4, '0'),
      isSocket: file?.isSocket() === true,
      heard: holders.has(listen) || (await mayBeHeard(listen)),
      holders: holders.get(listen) ?? [],
    };
    return [name, sight] as const;
  });
  return new Map(await Promise.all(sights));
}

/** Without ss nobody can tell a listener that this user may not look into from one of another distribution. */
async function mayBeHeard(listen: string): Promise<boolean> {
  const table = parseUnixTable(readProc('/proc/net/unix'));
  const listed = table.length === 0 || table.some(({listening, path}) => listening && path === listen);
  return listed && (await boundFiles()) === undefined;
}

/** What is wrong at the path of a socket whose unit is active; undefined when clients reach it. */
export function socketFault(
  {mode, isSocket, heard, holders}: SocketSight,
  relayPid: number | undefined,
): SocketFault | undefined {
  if (mode === null) return {kind: 'gone'};
  // a process that this user may not look into is systemd's own
  const ours =
    holders.length === 0 || holders.some(({pid, program}) => program === 'systemd' || pid === relayPid);
  const [other] = holders;
  if (!ours && other !== undefined) return {kind: 'taken', by: other};
  if (!isSocket || !heard) return {kind: 'unheard'};
  return mode === '0600' ? undefined : {kind: 'mode', mode};
}

/** The sockets on which systemd believes that it listens and that clients do not reach, by their unit: to be bound anew. */
export function deafSockets(
  endpoints: readonly Pick<InstalledEndpoint, 'name'>[],
  sights: ReadonlyMap<string, SocketSight>,
  units: ReadonlyMap<string, UnitState>,
): Map<string, SocketFault> {
  const relay = units.get(RELAY_SERVICE)?.pid;
  return new Map(
    endpoints.flatMap(({name}) => {
      const unit = socketUnit(name);
      const sight = sights.get(name);
      const listens = sight !== undefined && units.get(unit)?.active === 'active';
      const fault = listens ? socketFault(sight, relay) : undefined;
      return fault === undefined ? [] : [[unit, fault] as const];
    }),
  );
}
