// needs: systemd
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {isRunning} from '../is-running.ts';
import {Client, FIXTURES, temporaryFolder, until} from '../linux/relay/bed.ts';
import {listens} from '../listens.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'linux', 'main.ts');
const ENDPOINT = '[endpoints.one]\nprotocol = "raw"\ntargets = ["pipe:x"]\n';

/** The service's own command line under systemd-socket-activate, with a helper that writes down its pid before it runs. */
async function service(t: ExecutionContext, config: string, fixture: string) {
  const folder = temporaryFolder(t);
  const [socket, helper, pids] = [join(folder, 'one.sock'), join(folder, 'helper'), join(folder, 'pids')];
  mkdirSync(join(folder, 'wslagent'));
  writeFileSync(join(folder, 'wslagent/config.toml'), config);
  writeFileSync(pids, '');
  const script = join(FIXTURES, `helper-${fixture}.ts`);
  writeFileSync(helper, `#!/bin/sh\necho $$ >>'${pids}'\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(helper, 0o755);
  const folders = {XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder, XDG_RUNTIME_DIR: folder};
  const env = {...process.env, ...folders, WSLAGENT_HELPER: helper};
  const words = Object.entries(env).map(([name, value]) => `--setenv=${name}=${value}`);
  const relay = execa(
    'systemd-socket-activate',
    [`--listen=${socket}`, '--fdname=one', ...words, process.execPath, MAIN, 'relay'],
    {all: true, reject: false, forceKillAfterDelay: false},
  );
  const helpers = () => readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number);
  t.teardown(async () => {
    relay.kill('SIGTERM');
    await relay;
    if (helpers().some(isRunning)) throw new Error('helpers are left');
  });
  await until('the socket', () => listens(socket));
  return {relay, helpers, connect: () => new Client(socket)};
}

test('the helper that starts while the relay is loaded serves the first client, and the next', async t => {
  const {connect, helpers} = await service(t, ENDPOINT, 'echo');
  t.is((await connect().end('hello').all).toString(), 'hello');
  t.is((await connect().end('again').all).toString(), 'again');
  t.is(helpers().length, 1);
});

test('a relay that cannot start ends the helper that was started for it', async t => {
  const {relay, connect, helpers} = await service(t, `${ENDPOINT}[helper]\nspares = "many"\n`, 'echo');
  const client = connect();
  const {exitCode, all} = await relay;
  await client.all;
  t.is(exitCode, 78);
  t.regex(all ?? '', /spares/);
  t.is(helpers().length, 1);
  t.false(helpers().some(isRunning));
});

test('so does one whose helper takes no word, by a signal', async t => {
  const {relay, connect, helpers} = await service(t, 'no table', 'ignores-all');
  connect();
  t.is((await relay).exitCode, 78);
  t.is(helpers().length, 1);
  t.false(helpers().some(isRunning));
});
