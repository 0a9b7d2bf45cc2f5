import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {UserError} from '../../../linux/errors.ts';
import {openRecord, recordCopy, recordFile, recordParts, writeRecord} from '../../../linux/install/record.ts';
import type {InstallRecord} from '../../../linux/install/record-schema.ts';
import {VERSION} from '../../../shared/version.ts';
import {listens} from '../../listens.ts';
import {person} from '../run-cli.ts';

const MAIN = join(import.meta.dirname, '../../../linux/main.ts');

const EXE = '/mnt/c/wslagent/wslagent-helper.exe';
const record: InstallRecord = {
  schema: 1,
  version: VERSION,
  mode: 'daemon',
  endpoints: [{name: 'ssh', protocol: 'ssh-agent', listen: '/run/s', gnupg: false, targets: ['pageant']}],
  program: ['/usr/bin/node', '/opt/wslagent.mjs'],
  helper: [EXE],
  entries: [{kind: 'exe', owner: 'helper', path: EXE, sha256: 'a'.repeat(64)}],
};

type Damage = {
  what: string;
  fault: RegExp /** what a relay knows when the copy is gone, too */;
  alone: boolean;
  do(file: string): void;
};

const rewritten = (change: (record: Record<string, unknown>) => unknown) => (file: string) =>
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));

const damages: Damage[] = [
  {what: 'empty', fault: /is empty/, alone: false, do: file => truncateSync(file, 0)},
  {what: 'cut short', fault: /is not JSON/, alone: false, do: file => truncateSync(file, 200)},
  {what: 'no JSON', fault: /is not JSON/, alone: false, do: file => writeFileSync(file, 'hello\n')},
  {
    what: 'NULs',
    fault: /has lost its content/,
    alone: false,
    do: file => writeFileSync(file, Buffer.alloc(900)),
  },
  {
    what: 'wrong types',
    fault: /not what it should be/,
    alone: true,
    do: rewritten(r => ({...r, program: 3})),
  },
  {what: 'a list', fault: /not what it should be/, alone: false, do: rewritten(() => [])},
  {
    what: 'a newer version',
    fault: /is of another version, 99\.0\.0/,
    alone: true,
    do: rewritten(r => ({...r, schema: 2, version: '99.0.0'})),
  },
  {
    what: 'a folder',
    fault: /is a folder/,
    alone: false,
    do: file => {
      rmSync(file);
      mkdirSync(file);
    },
  },
  {
    what: 'a link to nothing',
    fault: /is a link to nothing/,
    alone: false,
    do: file => {
      rmSync(file);
      symlinkSync('nowhere', file);
    },
  },
];
// root reads everything
if (process.getuid?.() !== 0)
  damages.push({what: 'unreadable', fault: /cannot be read/, alone: false, do: file => chmodSync(file, 0)});

function installed(t: ExecutionContext) {
  const who = person(t);
  const env = {HOME: who.home};
  mkdirSync(join(recordFile(env), '..'), {recursive: true});
  writeRecord(record, env);
  return {...who, env};
}

for (const {what, fault, alone, do: damage} of damages) {
  test(`${what}: a relay goes on with the copy, and says so`, t => {
    const {env} = installed(t);
    damage(recordFile(env));
    const parts = recordParts(env);
    t.deepEqual(
      parts.endpoints.map(({targets}) => targets),
      [['pageant']],
    );
    t.is(parts.exe, EXE);
    t.regex(parts.trouble ?? '', fault);
  });

  test(`${what}, and the copy too: a relay goes on with what can be read`, t => {
    const {env} = installed(t);
    for (const file of [recordFile(env), recordCopy(env)]) damage(file);
    const parts = recordParts(env);
    t.deepEqual(
      parts.endpoints.map(({name}) => name),
      alone ? ['ssh'] : [],
    );
    t.is(parts.exe, alone ? EXE : undefined);
    t.regex(parts.trouble ?? '', fault);
    const error = t.throws(() => openRecord(env), {instanceOf: UserError, message: fault});
    t.true((error as UserError).hint !== undefined);
  });

  test(`${what}: the command line goes on, or says what to type`, async t => {
    const {env, run} = installed(t);
    damage(recordFile(env));
    const listed = await run(['endpoints', '--json']);
    t.is(listed.exitCode, 0, listed.stderr);
    t.regex(listed.stdout, /"pageant"/);
    const status = await run(['status']);
    t.regex(
      status.stderr,
      /^wslagent: (warning|error): the record of the installation, .*\nwslagent: hint: .+$/m,
    );
    t.not(status.exitCode, 70);
  });
}

test('a record of another version is not replaced by a copy, which would forget what that version did', t => {
  const {env} = installed(t);
  rewritten(r => ({...r, version: '99.0.0', more: true}))(recordFile(env));
  t.throws(() => openRecord(env), {instanceOf: UserError, message: /is of another version/});
});

test('a record whose file is gone is there as its copy; without that nothing is installed', t => {
  const {env} = installed(t);
  rmSync(recordFile(env));
  const {record: found, trouble} = openRecord(env);
  t.deepEqual(found, record);
  t.regex(trouble ?? '', /is gone: its copy is used/);
  rmSync(recordCopy(env));
  t.deepEqual(openRecord(env), {record: undefined});
  t.false(existsSync(recordFile(env)));
});

test('a relay whose record is empty serves all the same, and says so in one line with the next command', async t => {
  const {env, home, runtime} = installed(t);
  for (const file of [recordFile(env), recordCopy(env)]) truncateSync(file, 0);
  const relay = execa(process.execPath, [MAIN, 'relay', 'ssh'], {
    env: {PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: runtime, WSLAGENT_HELPER: '/bin/true'},
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  });
  let said = '';
  relay.stderr.on('data', chunk => {
    said += chunk;
  });
  let over = false;
  const end = relay.then(() => {
    over = true;
  });
  while (!listens(join(runtime, 'wslagent/ssh.sock')) && !over) await sleep(50);
  t.false(over, said);
  relay.kill();
  await end;
  t.regex(said, /record of the installation, .* is empty: .*; hint: wslagent install --now$/m);
  t.is(said.match(/record of the installation/g)?.length, 1);
});
