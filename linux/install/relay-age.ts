import {statSync} from 'node:fs';
import {configFile} from '../paths.ts';
import {monotonicNow} from './clock.ts';
import type {UnitState} from './systemctl.ts';

/** systemd tells times of day to the second. */
const SECOND = 1000;

/**
 * Whether the configuration file was changed after this relay had started, which read it then and never again. By the
 * wall clock, which files have no other than: CLOCK_MONOTONIC stands still while the machine sleeps. Within the second
 * of the start, CLOCK_MONOTONIC decides.
 */
export function isOutdated(relay: UnitState | undefined, env: NodeJS.ProcessEnv = process.env): boolean {
  if (relay?.active !== 'active' || relay.sinceMonotonic === 0) return false;
  const changed = statSync(configFile(env), {throwIfNoEntry: false})?.ctimeMs;
  const started = timeOf(relay.since);
  if (changed === undefined || started === undefined || changed < started) return false;
  return changed >= started + SECOND || Date.now() - changed < monotonicNow() - relay.sinceMonotonic;
}

/** In milliseconds, of a time as systemd writes it: `Fri 2026-11-27 20:00:01 CET`, in the zone of this process. */
function timeOf(since: string): number | undefined {
  const [date, time] =
    /[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/.exec(since)?.[0].split(' ') ?? [];
  return time === undefined ? undefined : Date.parse(`${date}T${time}`);
}
