import {mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {monotonicNow} from '../../../linux/install/clock.ts';
import {isOutdated} from '../../../linux/install/relay-age.ts';
import type {UnitState} from '../../../linux/install/systemctl.ts';
import {configFile} from '../../../linux/paths.ts';
import {unitState} from './unit-state.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

const secondOf = (milliseconds: number) => Math.floor(milliseconds / SECOND);

/** A relay that started so many milliseconds before `now` by either clock, and the text that systemd has for that. */
function relay({wall, monotonic = wall}: {wall: number; monotonic?: number}, now = new Date()): UnitState {
  const at = new Date(now.getTime() - wall);
  const two = (part: number) => String(part).padStart(2, '0');
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  const since = `Fri ${date} ${time} CET`;
  return unitState({active: 'active', sub: 'running', since, sinceMonotonic: monotonicNow() - monotonic});
}

const home = mkdtempSync(join(tmpdir(), 'wslagent-'));
const env = {HOME: home};
test.after.always(() => rmSync(home, {recursive: true}));

test.serial('without a configuration file a relay is never outdated', t => {
  t.false(isOutdated(relay({wall: HOUR}), env));
});

test.serial(
  'a configuration that was changed after the start makes a relay outdated, and none before',
  async t => {
    mkdirSync(dirname(configFile(env)), {recursive: true});
    writeFileSync(configFile(env), '');
    await sleep(50);
    t.true(isOutdated(relay({wall: HOUR}), env));
    t.false(isOutdated(relay({wall: -2 * SECOND, monotonic: 0}), env));
    t.false(isOutdated({...relay({wall: HOUR}), active: 'inactive'}, env));
    t.false(isOutdated(undefined, env));
  },
);

test.serial('the machine slept since: the change came after the start all the same', async t => {
  writeFileSync(configFile(env), '');
  await sleep(50);
  // what CLOCK_MONOTONIC counts is less than the time since the change
  t.true(isOutdated(relay({wall: HOUR, monotonic: 10}), env));
});

test.serial('within the second of the start, the other clock decides', async t => {
  let now: Date;
  do {
    now = new Date();
    writeFileSync(configFile(env), '');
  } while (secondOf(statSync(configFile(env)).ctimeMs) !== secondOf(now.getTime()));
  await sleep(50);
  t.true(isOutdated(relay({wall: 0, monotonic: 100}, now), env));
  t.false(isOutdated(relay({wall: 0, monotonic: 10}, now), env));
});

test.serial('a time that systemd does not tell makes nothing outdated', t => {
  t.false(isOutdated({...relay({wall: HOUR}), since: ''}, env));
  t.false(isOutdated({...relay({wall: HOUR}), since: 'n/a'}, env));
});
