import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {Endpoint} from '../../linux/endpoints.ts';
import {fillTemplate, readTemplate} from '../../linux/install/template.ts';
import {type UnitOptions, unitItems} from '../../linux/install/units.ts';
import {DRAIN_DEADLINE} from '../../linux/relay/relay.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'systemd');

const ssh: Endpoint = {
  name: 'ssh',
  protocol: 'ssh-agent',
  targets: ['pipe:openssh-ssh-agent', 'assuan:C:\\a b\\100%'],
  listen: '/run/user/1000/wslagent/ssh.sock',
  gnupg: false,
  about: '100% ssh',
};
const options: UnitOptions = {
  mode: 'daemon',
  endpoints: [ssh, {...ssh, name: 'own', listen: '/home/ada/100%/own.sock'}],
  unitDir: '/units',
  runtimeDir: '/run/user/1000',
  wslagent: ['/opt/my node/node', '/opt/wslagent.mjs'],
  helper: ['/mnt/c/Users/Ada Lovelace/wslagent-helper.exe'],
  helperVariable: undefined,
};

function units(changed: Partial<UnitOptions> = {}): Map<string, string> {
  return new Map(
    unitItems({...options, ...changed}).map(item =>
      item.kind === 'file' ? [item.path.slice('/units/'.length), item.content] : ['', ''],
    ),
  );
}

/** The settings of a unit, without comments. */
function settings(unit: string | undefined): string[] {
  return (unit ?? '').split('\n').filter(line => line !== '' && !line.startsWith('#'));
}

test('each mode has its units, one socket for each endpoint', t => {
  t.deepEqual(
    [...units().keys()],
    ['wslagent.service', 'wslagent_again@.service', 'wslagent-ssh.socket', 'wslagent-own.socket'],
  );
  t.deepEqual(
    [...units({mode: 'direct'}).keys()],
    [
      'wslagent-ssh@.service',
      'wslagent-own@.service',
      'wslagent_again@.service',
      'wslagent-ssh.socket',
      'wslagent-own.socket',
    ],
  );
});

test('sockets are their owner’s alone in both modes, and carry their endpoint’s name', t => {
  for (const mode of ['daemon', 'direct'] as const) {
    const socket = settings(units({mode}).get('wslagent-ssh.socket'));
    for (const line of [
      'SocketMode=0600',
      'DirectoryMode=0700',
      'RemoveOnStop=yes',
      'WantedBy=sockets.target',
    ])
      t.true(socket.includes(line), `${mode}: ${line}`);
    t.true(socket.includes('ListenStream=%t/wslagent/ssh.sock'));
    t.true(socket.includes('Description=wslagent: ssh, 100%% ssh'));
    t.true(
      settings(units({mode}).get('wslagent-own.socket')).includes('ListenStream=/home/ada/100%%/own.sock'),
    );
  }
  const daemon = settings(units().get('wslagent-ssh.socket'));
  t.true(daemon.includes('FileDescriptorName=ssh'));
  t.true(daemon.includes('Service=wslagent.service'));
  t.true(settings(units({mode: 'direct'}).get('wslagent-ssh.socket')).includes('Accept=yes'));
});

test('the relay is node itself, and learns of another helper by its variable', t => {
  const service = settings(units().get('wslagent.service'));
  t.true(service.includes('ExecStart=":/opt/my node/node" /opt/wslagent.mjs relay'));
  t.deepEqual(
    service.filter(line => line.startsWith('Environment=')),
    [],
  );
  const other = settings(units({helperVariable: '/a\\ b/node x.cjs'}).get('wslagent.service'));
  t.true(other.includes('Environment="WSLAGENT_HELPER=/a\\\\ b/node x.cjs"'));
});

test('a connection of direct mode runs the exe in its own folder', t => {
  const service = settings(units({mode: 'direct'}).get('wslagent-ssh@.service'));
  t.true(
    service.includes(
      'ExecStart=":/mnt/c/Users/Ada Lovelace/wslagent-helper.exe" connect --protocol ssh-agent --target pipe:openssh-ssh-agent --target "assuan:C:\\\\a b\\\\100%%"',
    ),
  );
  t.true(service.includes('WorkingDirectory=/mnt/c/Users/Ada Lovelace'));
  for (const line of [
    'StandardInput=socket',
    'StandardOutput=socket',
    'StandardError=journal',
    'CollectMode=inactive-or-failed',
  ])
    t.true(service.includes(line), line);
});

test('no unit has what breaks WSL interop or node', t => {
  const breaking =
    /^(MemoryDenyWriteExecute|RestrictAddressFamilies|SystemCallFilter|PrivateNetwork|ProtectProc|ProcSubset|ProtectHome|PrivateTmp|TemporaryFileSystem|PrivateUsers|Condition\w+)=/;
  for (const mode of ['daemon', 'direct'] as const)
    for (const [name, unit] of units({mode})) {
      t.is(
        settings(unit).find(line => breaking.test(line)),
        undefined,
        name,
      );
      if (settings(unit).some(line => line.startsWith('ExecStart=":')))
        t.true(settings(unit).includes('UnsetEnvironment=WSL_INTEROP'), name);
    }
});

test('systemd waits longer than the relay takes to stop', t => {
  const stop = settings(units().get('wslagent.service')).find(line => line.startsWith('TimeoutStopSec='));
  const seconds = Number(stop?.split('=')[1]);
  // after its connections the relay ends its helpers, each in a few seconds
  t.true(seconds * 1000 >= DRAIN_DEADLINE + 5000);
});

test('no socket is closed by its own limit, and one that failed opens again', t => {
  const again = settings(units().get('wslagent_again@.service'));
  const rest = Number(again.find(line => line.startsWith('ExecStart=sleep '))?.split(' ')[1]);
  const counted = settings(units().get('wslagent.service')).find(line =>
    line.startsWith('StartLimitIntervalSec='),
  );
  t.true(rest > Number(counted?.split('=')[1]));
  for (const mode of ['daemon', 'direct'] as const) {
    const socket = settings(units({mode}).get('wslagent-ssh.socket'));
    t.true(socket.includes('TriggerLimitIntervalSec=0'), mode);
    t.true(socket.includes('OnFailure=wslagent_again@%n.service'), mode);
    t.deepEqual(settings(units({mode}).get('wslagent_again@.service')), again);
  }
  t.true(settings(units({mode: 'direct'}).get('wslagent-ssh.socket')).includes('MaxConnections=64'));
});

test('what a person has set for node reaches none of ours', t => {
  t.true(settings(units().get('wslagent.service')).includes('UnsetEnvironment=NODE_OPTIONS'));
  t.true(
    settings(units({mode: 'direct'}).get('wslagent-ssh@.service')).includes(
      'Environment=NODE_OPTIONS=--v8-pool-size=1 WSLENV=NODE_OPTIONS/w',
    ),
  );
});

// the kernel heeds no other limit where dumps go to a program, as they do in WSL
test('no service leaves a core dump', t => {
  t.true(settings(units().get('wslagent.service')).includes('LimitCORE=1'));
  t.true(settings(units({mode: 'direct'}).get('wslagent-ssh@.service')).includes('LimitCORE=1'));
});

test('every template is used, and every place in it filled', t => {
  const used = new Set<string>();
  for (const mode of ['daemon', 'direct'] as const) {
    const template = (name: string) => {
      used.add(name);
      return readTemplate(name);
    };
    for (const [name, unit] of units({mode, template})) t.notRegex(unit, /@[A-Z_]+@/, name);
  }
  const files = readdirSync(FOLDER, {encoding: 'utf8', recursive: true});
  t.deepEqual([...used].sort(), files.filter(name => name.endsWith('.in')).sort());
});

test('a place of another version is an error, an empty line of its own disappears', t => {
  t.is(fillTemplate('a\n@X@\nb @X@ c\n', {X: ''}), 'a\nb  c\n');
  t.is(fillTemplate('@X@@.service\n', {X: '@X@'}), '@X@@.service\n');
  t.throws(() => fillTemplate('@NEW@\n', {X: ''}), {message: /unknown place @NEW@/});
  t.throws(() => fillTemplate('a @NEW@\n', {X: ''}), {message: /unknown place @NEW@/});
});
