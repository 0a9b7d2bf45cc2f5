// needs: systemd
import {chmodSync, existsSync, mkdirSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {isRunning} from '../is-running.ts';
import {Client, FIXTURES, helperPids, temporaryFolder, until} from '../linux/relay/bed.ts';
import {listens} from '../listens.ts';

const endpoint = (name: string, protocol = 'raw') => ({name, protocol, targets: ['pipe:x']});

function run(listen: string[], names: string[], options: object) {
  return execa(
    'systemd-socket-activate',
    [
      ...listen.map(path => `--listen=${path}`),
      ...(names.length > 0 ? [`--fdname=${names.join(':')}`] : []),
      process.execPath,
      join(FIXTURES, 'relay-main.ts'),
      JSON.stringify({fixture: 'echo', ...options}),
    ],
    {all: true, reject: false, forceKillAfterDelay: false},
  );
}

/** A relay under systemd-socket-activate, which becomes the relay when the first client comes. */
async function activate(t: ExecutionContext, names: string[], options: object, count = names.length) {
  const folder = join(temporaryFolder(t), 's');
  mkdirSync(folder, {mode: 0o700});
  const paths = Array.from({length: count}, (_, index) => join(folder, `${index}.sock`));
  const child = run(paths, names, options);
  let said = '';
  child.all.on('data', bytes => {
    said += bytes;
  });
  t.teardown(async () => {
    child.kill('SIGTERM');
    await child;
    if (helperPids(said.split('\n')).some(isRunning)) throw new Error('helpers are left');
  });
  await until('the sockets', () => paths.every(listens));
  return {relay: child, said: () => said, paths};
}

test('sockets that systemd hands over are served by name', async t => {
  const options = {endpoints: [endpoint('one'), endpoint('two', 'assuan')]};
  const {paths, said} = await activate(t, ['two', 'one'], options);
  t.is((await new Client(paths[1] ?? '').end('hello').all).toString(), 'hello');
  t.is((await new Client(paths[0] ?? '').end('again\n').all).toString(), 'again\n');
  t.regex(said(), /two: listening on .*0\.sock \(from systemd\)/);
  t.regex(said(), /one#1: .*5 B in, 5 B out/);
});

test('a socket that others can open is warned of', async t => {
  const {paths, said} = await activate(t, ['one'], {endpoints: [endpoint('one')]});
  await new Client(paths[0] ?? '').end('hello').all;
  t.not(statSync(paths[0] ?? '').mode & 0o077, 0);
  t.regex(said(), /warning: one: other users may connect to .*SocketMode=0600/);
});

test('a socket in a folder that others can write is warned of', async t => {
  const {paths, said} = await activate(t, ['one'], {endpoints: [endpoint('one')]});
  const folder = dirname(paths[0] ?? '');
  chmodSync(folder, 0o777);
  await new Client(paths[0] ?? '').end('hello').all;
  t.true(
    said().includes(`warning: one: others can write to the folder ${folder} (mode 777); hint: `),
    said(),
  );
});

test('SIGTERM: what runs is finished, the socket stays, and the exit code is 0', async t => {
  const options = {endpoints: [endpoint('one')], fixture: 'late'};
  const {paths, relay, said} = await activate(t, ['one'], options);
  const client = new Client(paths[0] ?? '').end('wait for me');
  await until('the helper', () => /ready after/.test(said()));
  relay.kill('SIGTERM');
  await until('the relay to hear it', () => /stopping/.test(said()));
  t.is(client.received.length, 0);
  t.is((await client.all).toString(), 'wait for me');
  t.is((await relay).exitCode, 0);
  t.true(existsSync(paths[0] ?? ''));
});

test('with nothing to do it leaves, and a client that comes then waits in the queue of systemd', async t => {
  const {paths, relay} = await activate(t, ['one'], {endpoints: [endpoint('one')], idleExit: 300});
  t.is((await new Client(paths[0] ?? '').end('hello').all).toString(), 'hello');
  t.is((await relay).exitCode, 0);
  t.true(existsSync(paths[0] ?? ''));
});

const WRONG: [string, string[], object[], number, RegExp][] = [
  [
    'a name that is no endpoint',
    ['three'],
    [endpoint('one')],
    1,
    /handed over a socket named "three", and no endpoint/,
  ],
  [
    'an endpoint without a socket',
    ['one'],
    [endpoint('one'), endpoint('two')],
    1,
    /no socket for the endpoint "two"/,
  ],
  ['no names', [], [endpoint('one')], 1, /handed over a socket named "(unknown)?", and no endpoint/],
];

for (const [title, names, endpoints, count, pattern] of WRONG)
  test(`refused: ${title}`, async t => {
    const {relay, paths} = await activate(t, names, {endpoints}, count);
    new Client(paths[0] ?? '').socket.unref();
    const {exitCode, all} = await relay;
    t.is(exitCode, 9);
    t.regex(all ?? '', pattern);
    t.regex(all ?? '', /hint: /);
  });
