import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {monotonicNow} from '../../../linux/install/clock.ts';
import type {Fault} from '../../../linux/install/fault.ts';
import type {InstallRecord} from '../../../linux/install/record.ts';
import type {SocketSight} from '../../../linux/install/socket-sight.ts';
import type {EndpointStatus} from '../../../linux/install/status.ts';
import {problemsOf} from '../../../linux/install/status-problems.ts';
import type {Sight} from '../../../linux/install/status-sight.ts';
import type {UnitState} from '../../../linux/install/systemctl.ts';
import {unitDir} from '../../../linux/paths.ts';
import {VERSION} from '../../../shared/version.ts';
import {unitState} from './unit-state.ts';

const home = mkdtempSync(join(tmpdir(), 'wslagent-status-'));
process.env.XDG_CONFIG_HOME = home;
const unitFile = join(unitDir(), 'wslagent-ssh.socket');
mkdirSync(unitDir(), {recursive: true});
writeFileSync(unitFile, '');
test.after.always(() => rmSync(home, {recursive: true}));

const UP = unitState({active: 'active', sub: 'listening', file: 'enabled', socketMode: '0600'});
const socket: EndpointStatus = {
  name: 'ssh',
  socket: '/run/ssh.sock',
  unit: 'wslagent-ssh.socket',
  listening: true,
  mode: '0600',
  holders: [{pid: 7, program: 'systemd'}],
  last: null,
  try: null,
};
const NOTHING_SEEN: Sight = {
  noManager: undefined,
  units: new Map(),
  sockets: new Map(),
  words: new Map(),
  start: undefined,
  outdated: false,
  configuration: {faults: [], quiet: false},
  lines: [],
};
const record: InstallRecord = {
  schema: 1,
  version: VERSION,
  mode: 'daemon',
  endpoints: [{name: 'ssh', protocol: 'ssh-agent', listen: '/run/ssh.sock', gnupg: false}],
  program: [process.execPath],
  helper: [process.execPath],
  entries: [
    {kind: 'file', owner: 'endpoint:ssh', path: unitFile, sha256: ''},
    {kind: 'mask', owner: 'gnupg', unit: 'gpg-agent.socket', active: true},
  ],
};

function problems(
  changed: {
    record?: Partial<InstallRecord>;
    socket?: Partial<SocketSight>;
    sight?: Partial<Sight>;
    relay?: Partial<UnitState>;
    unit?: Partial<UnitState>;
    mask?: string;
    faulty?: string[];
  } = {},
): string[] {
  return faults(changed).map(({what}) => what);
}

function faults(changed: Parameters<typeof problems>[0] = {}): Fault[] {
  const sight: Sight = {
    ...NOTHING_SEEN,
    sockets: new Map([
      ['ssh', {mode: '0600', isSocket: true, heard: true, holders: socket.holders, ...changed.socket}],
    ]),
    units: new Map([
      ['wslagent-ssh.socket', {...UP, ...changed.unit}],
      ['wslagent.service', {...UP, pid: 9, ...changed.relay}],
      ['gpg-agent.socket', {...UP, load: changed.mask ?? 'masked'}],
    ]),
    ...changed.sight,
  };
  const whole = {...record, ...changed.record};
  const {faulty = []} = changed;
  const helper = {command: whole.helper, whole: faulty.length === 0, faulty};
  return problemsOf(whole, sight, [socket], helper);
}

test('nothing is wrong', t => {
  t.deepEqual(problems(), []);
});

test('the relay may hold the socket, another program may not', t => {
  t.deepEqual(problems({socket: {holders: [{pid: 9, program: 'node'}]}}), []);
  t.deepEqual(problems({socket: {holders: []}}), []);
  t.deepEqual(problems({socket: {holders: [{pid: 8, program: 'socat'}]}}), [
    'socat (pid 8) has put itself in the place of /run/ssh.sock',
  ]);
});

test('each thing that is wrong has a sentence', t => {
  t.deepEqual(problems({socket: {mode: '0666'}}), ['/run/ssh.sock has mode 0666, not 0600']);
  t.deepEqual(problems({socket: {heard: false, holders: []}}), [
    'nobody listens on /run/ssh.sock, whatever systemd believes',
  ]);
  t.deepEqual(problems({socket: {mode: null}}), ['the socket file /run/ssh.sock is gone']);
  t.deepEqual(problems({unit: {active: 'failed', result: 'trigger-limit-hit'}}), [
    'wslagent-ssh.socket failed (trigger-limit-hit)',
  ]);
  t.deepEqual(problems({unit: {active: 'inactive'}}), ['wslagent-ssh.socket is not started']);
  t.deepEqual(problems({unit: {load: 'not-found'}}), ['systemd says of wslagent-ssh.socket: not-found']);
  t.deepEqual(problems({unit: {file: 'disabled'}}), ['wslagent-ssh.socket does not start by itself']);
  t.deepEqual(problems({mask: 'loaded'}), [
    'gpg-agent.socket is not masked any more, and competes with wslagent',
  ]);
  t.deepEqual(problems({record: {version: '0.0.1'}}), [`version 0.0.1 is installed, and this is ${VERSION}`]);
  t.deepEqual(problems({record: {program: ['/gone/node']}}), ['/gone/node, which the units run, is gone']);
  const entries = [...record.entries, {kind: 'folder', path: '/', pending: true} as const];
  t.deepEqual(problems({record: {entries}}), ['an install was cut short']);
});

test('a configuration that is wrong is the cause, and a relay that cannot start has its own words', t => {
  const configuration = {
    faults: [{reason: 'config.toml: nope: is not a known key', hint: 'mend it'}],
    quiet: false,
  };
  const start = {reason: 'config.toml: nope: is not a known key', hint: 'mend it'};
  t.deepEqual(faults({sight: {configuration, start}, relay: {active: 'failed', result: 'exit-code'}}), [
    {what: 'config.toml: nope: is not a known key', hint: 'mend it'},
    {
      what: 'wslagent.service failed: config.toml: nope: is not a known key',
      hint: 'mend it\nsystemctl --user restart wslagent.service',
    },
  ]);
  t.deepEqual(problems({relay: {active: 'failed', result: 'exit-code'}}), [
    'wslagent.service failed: exit-code',
  ]);
  // systemd forgot the failure, and nobody has come since
  t.deepEqual(problems({sight: {start}, relay: {active: 'inactive'}}), [
    'wslagent.service failed: config.toml: nope: is not a known key',
  ]);
  t.deepEqual(faults({sight: {outdated: true}}), [
    {
      what: 'the relay still runs with the configuration of before it was changed',
      hint: 'systemctl --user stop wslagent.service',
    },
  ]);
});

test('the last client of an endpoint decides', t => {
  const words = (served: boolean, age = 0) => {
    const line = {at: Date.now(), monotonic: monotonicNow() - age};
    return new Map([
      ['ssh', served ? {...line, served} : {...line, served, reason: 'no pipe', hint: 'start it'}],
    ]);
  };
  t.deepEqual(problems({sight: {words: words(true)}}), []);
  t.deepEqual(faults({sight: {words: words(false, 80_000_000)}}), [
    {what: 'the last client of ssh was not served: no pipe', hint: 'start it'},
  ]);
  // successes are not written down: an old failure says nothing of now
  const configuration = {faults: [], quiet: true};
  t.is(problems({sight: {words: words(false), configuration}}).length, 1);
  t.deepEqual(problems({sight: {words: words(false, 80_000_000), configuration}}), []);
});

test('a hint of two lines is two lines', t => {
  const hint = (changed: Parameters<typeof problems>[0]) => faults(changed)[0]?.hint;
  t.is(hint({unit: {load: 'masked'}}), 'systemctl --user unmask wslagent-ssh.socket\nwslagent install --now');
  t.is(hint({socket: {holders: [{pid: 8, program: 'socat'}]}}), 'kill 8\nwslagent install --now');
  t.is(hint({socket: {mode: '0666'}}), 'wslagent install --now');
  t.is(
    hint({socket: {mode: '0666'}, unit: {socketMode: '0666'}}),
    'systemctl --user revert wslagent-ssh.socket\nwslagent install --now',
  );
});

test('a unit that is not noted is foreign when its file is there, else it was still to be written', t => {
  t.deepEqual(problems({record: {entries: []}}), [`${unitFile} is not from wslagent, which left it alone`]);
  const endpoints = [{name: 'gpg', protocol: 'assuan', listen: '/run/gpg.sock', gnupg: true} as const];
  t.deepEqual(problems({record: {endpoints}}), ['an install was cut short']);
});

test('of the helper’s files each that is missing or damaged is named', t => {
  const exe = process.execPath;
  t.deepEqual(problems({faulty: [exe]}), [`the helper ${exe} is not the one that was installed`]);
  t.deepEqual(problems({record: {helper: ['/gone/x.exe']}, faulty: ['/gone/x.exe', '/gone/x.node', exe]}), [
    'the helper /gone/x.exe is gone',
    "the helper's library /gone/x.node is gone",
    `the helper's library ${exe} is not the one that was installed`,
  ]);
});

test('without a user manager that alone is said of the sockets', t => {
  const what = problemsOf(record, {...NOTHING_SEEN, noManager: 'no bus'}, [{...socket, listening: false}], {
    command: record.helper,
    whole: true,
    faulty: [],
  }).map(problem => problem.what);
  t.is(what[0], "systemd's user manager does not answer: no bus");
  t.false(what.some(sentence => sentence.startsWith('wslagent-ssh.socket')));
});
