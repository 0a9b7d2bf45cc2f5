import {lstatSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import type {UnitState} from './systemctl.ts';

/** What a person's unit files say about units, for when there is no user manager that could be asked. */
export function unitStatesOnDisk(units: readonly string[], unitDir: string): Map<string, UnitState> {
  return new Map(units.map(unit => [unit, stateOnDisk(unit, unitDir)]));
}

function stateOnDisk(unit: string, unitDir: string): UnitState {
  const masked = linkTarget(join(unitDir, unit)) === '/dev/null';
  const enabled = linkTarget(join(unitDir, 'sockets.target.wants', unit)) !== undefined;
  return {
    load: masked ? 'masked' : 'loaded',
    active: 'inactive',
    sub: 'dead',
    file: masked ? 'masked' : enabled ? 'enabled' : 'disabled',
    result: 'success',
    needReload: false,
    pid: 0,
    since: '',
    sinceMonotonic: 0,
    socketMode: '',
  };
}

function linkTarget(path: string): string | undefined {
  const stats = lstatSync(path, {throwIfNoEntry: false});
  return stats?.isSymbolicLink() ? readlinkSync(path) : undefined;
}
