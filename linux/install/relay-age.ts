import {statSync} from 'node:fs';
import {configFile} from '../paths.ts';
import {monotonicNow} from './clock.ts';
import type {UnitState} from './systemctl.ts';

/** Whether the configuration file was changed after this relay had started, which read it then and never again. */
export function isOutdated(relay: UnitState | undefined): boolean {
  if (relay?.active !== 'active' || relay.sinceMonotonic === 0) return false;
  const changed = statSync(configFile(), {throwIfNoEntry: false})?.ctimeMs;
  if (changed === undefined) return false;
  // files have no other clock
  return Date.now() - changed < monotonicNow() - relay.sinceMonotonic;
}
