import {mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {UserError} from '../../../linux/errors.ts';
import {
  type InstallRecord,
  installedHelper,
  readRecord,
  recordFile,
  withEntry,
  withoutEntry,
  writeRecord,
} from '../../../linux/install/record.ts';

const EXE = '/mnt/c/wslagent/wslagent-helper.exe';
const SHA = 'a'.repeat(64);
const record: InstallRecord = {
  schema: 1,
  version: '1.2.3',
  mode: 'daemon',
  endpoints: [{name: 'ssh', protocol: 'ssh-agent', listen: '/run/user/0/wslagent/ssh.sock', gnupg: false}],
  program: ['/usr/bin/node', '/opt/wslagent.mjs'],
  helper: [EXE],
  entries: [
    {kind: 'folder', path: '/h/.local'},
    {kind: 'file', owner: 'endpoint:ssh', path: '/u', sha256: SHA, before: {base64: 'eA==', mode: 0o600}},
    {kind: 'exe', owner: 'helper', path: EXE, sha256: SHA},
    {kind: 'lines', owner: 'environment', path: '/h/.profile', text: '# ours\n', created: true},
    {kind: 'mask', owner: 'gnupg', unit: 'gpg-agent.socket', active: true, pending: true},
  ],
};

function home(t: ExecutionContext): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const env = {HOME: folder};
  mkdirSync(join(recordFile(env), '..'), {recursive: true});
  return env;
}

test('a record is read as it was written, and is nobody else’s to read', t => {
  const env = home(t);
  t.is(readRecord(env), undefined);
  writeRecord(record, env);
  t.deepEqual(readRecord(env), record);
  t.is(statSync(recordFile(env)).mode & 0o777, 0o600);
});

test('a record that cannot be understood is an error that names the file', t => {
  const env = home(t);
  for (const text of [
    '',
    '{',
    '{}',
    JSON.stringify({...record, schema: 2}),
    JSON.stringify({...record, entries: [{kind: 'other'}]}),
  ]) {
    writeFileSync(recordFile(env), text);
    const error = t.throws(() => readRecord(env), {instanceOf: UserError});
    t.true(error.message.includes(recordFile(env)), text);
  }
});

test('an entry for the same thing is replaced where it is', t => {
  const changed = withEntry(record, {kind: 'exe', owner: 'helper', path: EXE, sha256: 'b'.repeat(64)});
  t.is(changed.entries.length, record.entries.length);
  t.like(changed.entries[2], {sha256: 'b'.repeat(64)});
  t.is(withEntry(record, {kind: 'folder', path: '/new'}).entries.at(-1)?.kind, 'folder');
  t.deepEqual(withoutEntry(record, 'mask gpg-agent.socket').entries, record.entries.slice(0, -1));
});

test('the installed exe is found once it is whole', t => {
  const env = home(t);
  t.is(installedHelper(env), undefined);
  writeRecord(record, env);
  t.is(installedHelper(env), EXE);
  writeRecord(withEntry(record, {kind: 'exe', owner: 'helper', path: EXE, sha256: SHA, pending: true}), env);
  t.is(installedHelper(env), undefined);
  writeRecord({...record, helper: ['/usr/bin/node', '/opt/helper.cjs']}, env);
  t.is(installedHelper(env), undefined);
});
