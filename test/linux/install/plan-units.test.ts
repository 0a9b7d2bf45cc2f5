import test from 'ava';
import type {Change} from '../../../linux/install/change.ts';
import type {Entry} from '../../../linux/install/item.ts';
import {startCommands, stopCommands} from '../../../linux/install/plan-units.ts';
import type {Present} from '../../../linux/install/present.ts';
import type {UnitState} from '../../../linux/install/systemctl.ts';
import {unitState} from './unit-state.ts';

const SSH = 'wslagent-ssh.socket';
const GPG = 'wslagent-gpg.socket';
const RELAY = 'wslagent.service';
const UP = {active: 'active', file: 'enabled'};

function present(units: Record<string, Partial<UnitState>>): Present {
  const states = Object.entries(units).map(
    ([name, state]) => [name, unitState({file: 'disabled', result: '', ...state})] as const,
  );
  return {files: new Map(), units: new Map(states)};
}

function written(...names: string[]): Change[] {
  return names.map(name => ({
    action: {do: 'write', path: `/u/${name}`, content: new Uint8Array(0), mode: 0o644, from: 'nothing'},
  }));
}

function entries(...names: string[]): Entry[] {
  return names.map(name => ({kind: 'file', owner: 'relay', path: `/u/${name}`, sha256: ''}));
}

test('a first start reads the units and enables the sockets', t => {
  t.deepEqual(startCommands([SSH, GPG], written(SSH, GPG, RELAY), present({})), {
    before: [],
    after: [['daemon-reload'], ['enable', '--now', SSH, GPG]],
  });
});

test('nothing is told when everything runs and nothing changed', t => {
  const running = present({[SSH]: UP, [RELAY]: {active: 'active'}});
  t.deepEqual(startCommands([SSH], [], running), {before: [], after: []});
});

test('a relay that runs is stopped for a new socket, a new service and a new helper', t => {
  const running = present({[SSH]: UP, [RELAY]: {active: 'active'}});
  t.deepEqual(startCommands([SSH, GPG], written(GPG), running), {
    before: [['stop', RELAY]],
    after: [['daemon-reload'], ['enable', '--now', GPG]],
  });
  t.deepEqual(startCommands([SSH], written(RELAY), running), {
    before: [['stop', RELAY]],
    after: [['daemon-reload']],
  });
  const exe: Change = {action: {do: 'copy exe', path: '/e', source: '/s', sha256: ''}};
  t.deepEqual(startCommands([SSH], [exe], running), {before: [['stop', RELAY]], after: []});
});

test('a socket whose unit changed is stopped under the old one and started under the new', t => {
  t.deepEqual(startCommands([SSH], written(SSH), present({[SSH]: UP})), {
    before: [['stop', SSH]],
    after: [['daemon-reload'], ['enable', '--now', SSH]],
  });
});

test('a socket that failed gets a clean slate', t => {
  t.deepEqual(startCommands([SSH], [], present({[SSH]: {active: 'failed', file: 'enabled'}})), {
    before: [],
    after: [
      ['reset-failed', SSH],
      ['enable', '--now', SSH],
    ],
  });
});

test('a socket that nobody reaches is bound anew, and the others stay', t => {
  const running = present({[SSH]: UP, [GPG]: UP, [RELAY]: {active: 'active'}});
  t.deepEqual(startCommands([SSH, GPG], [], running, {deaf: [SSH]}), {
    before: [['stop', SSH, RELAY]],
    after: [['enable', '--now', SSH]],
  });
});

test('a relay that is not the one that would be started now is stopped: the next client starts it', t => {
  const running = present({[SSH]: UP, [RELAY]: {active: 'active'}});
  t.deepEqual(startCommands([SSH], [], running, {stale: true}), {before: [['stop', RELAY]], after: []});
  const unread = present({[SSH]: UP, [RELAY]: {active: 'active', needReload: true}});
  t.deepEqual(startCommands([SSH], [], unread), {before: [['stop', RELAY]], after: [['daemon-reload']]});
});

test('what a person changed in a unit is read at last', t => {
  t.deepEqual(startCommands([SSH], [], present({[SSH]: {...UP, needReload: true}})).after, [
    ['daemon-reload'],
  ]);
});

test('a file for gpg is no reason to reload systemd, one for its environment is', t => {
  const running = present({[SSH]: UP});
  t.deepEqual(startCommands([SSH], written('gpg.conf'), running).after, []);
  t.deepEqual(startCommands([SSH], written('50-wslagent.conf'), running).after, [['daemon-reload']]);
});

test('sockets that go are disabled, and the relay that holds them ends', t => {
  const running = present({[SSH]: UP, [GPG]: {active: 'inactive'}, [RELAY]: {active: 'active'}});
  t.deepEqual(stopCommands(entries(SSH, GPG), running), {
    before: [
      ['disable', '--now', SSH],
      ['stop', RELAY],
      ['reset-failed', 'wslagent*'],
    ],
    after: [['daemon-reload']],
  });
});

test('connections of direct mode end with their template', t => {
  t.deepEqual(stopCommands(entries('wslagent-ssh@.service'), present({})), {
    before: [['stop', 'wslagent-ssh@*.service']],
    after: [['daemon-reload']],
  });
});

test('files that systemd does not read are none of its business', t => {
  t.deepEqual(stopCommands(entries('wslagent', 'gpg.conf'), present({})), {before: [], after: []});
});
