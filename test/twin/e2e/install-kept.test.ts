// needs: systemd, pageant, ssh, gpg
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import test from 'ava';
import {execa} from 'execa';
import {
  before,
  CLI,
  changes,
  GNUPG_UNITS,
  home,
  removeWhenEmpty,
  socket,
  state,
  status,
  succeeds,
  twin,
  unit,
  useInstallBed,
  wslagent,
} from './install-bed.ts';
import {tree} from './user-state.ts';

useInstallBed(test);

test.serial('files that a person changed are kept and named', async t => {
  await wslagent(['install', 'ssh', '--now']);
  const file = unit('wslagent-ssh.socket');
  const changed = `${readFileSync(file, 'utf8')}# mine\n`;
  writeFileSync(file, changed);
  const profile = readFileSync(home('.profile'), 'utf8').replace('SHLVL', 'MY_SHLVL');
  writeFileSync(home('.profile'), profile);
  const installed = await wslagent(['install', 'ssh', '--now']);
  t.is(installed.exitCode, 0);
  for (const path of [file, home('.profile')]) t.true(installed.stderr.includes(`left ${path} alone`));
  t.regex(installed.stderr, /hint: wslagent install --now --force/);
  t.is(readFileSync(file, 'utf8'), changed);

  const {stderr, exitCode} = await wslagent(['uninstall']);
  t.is(exitCode, 0);
  for (const path of [file, home('.profile')]) t.true(stderr.includes(`kept ${path}`));
  t.is(readFileSync(file, 'utf8'), changed);
  t.is(readFileSync(home('.profile'), 'utf8'), profile);
  t.regex(await state('wslagent-ssh.socket'), /ActiveState=inactive/);

  // now they are files that are not from wslagent: --force writes over them, and uninstall puts them back
  t.true((await wslagent(['install', 'ssh', '--now'])).stderr.includes(`left ${file} alone`));
  t.not((await status()).state, 'ok');
  await wslagent(['install', 'ssh', '--now', '--force']);
  t.is((await status()).state, 'ok');
  await wslagent(['uninstall']);
  t.is(readFileSync(file, 'utf8'), changed);
  rmSync(file);
  rmSync(home('.profile'));
  await twin.run('systemctl', ['--user', 'daemon-reload']);
  await removeWhenEmpty(home('.config/systemd/user'), home('.config/systemd'));
  t.deepEqual(await changes(), []);
});

test.serial('an install that was cut short anywhere can be taken back, or finished', async t => {
  t.timeout(300_000);
  for (const line of [1, 4, 8, 13]) {
    await cutShort(['install', 'ssh', 'gpg', '--now'], line);
    await succeeds(t, ['uninstall']);
    t.deepEqual(await changes(), [], `cut short after line ${line}`);
  }
  await cutShort(['install', 'ssh', 'gpg', '--now'], 8);
  const halfway = await wslagent(['status']);
  t.is(halfway.exitCode, 3, halfway.stderr);
  t.regex(halfway.stdout, /an install was cut short|is not started/);
  await succeeds(t, ['install', '--now']);
  t.is((await status()).state, 'ok');
  await cutShort(['uninstall'], 5);
  await succeeds(t, ['uninstall']);
  t.deepEqual(await changes(), []);
});

test.serial('without a user manager uninstall still takes the files back', async t => {
  await wslagent(['install', 'ssh', 'gpg', '--now']);
  const folder = await mkdtemp(join(twin.runtimeDir, '..', 'no-manager-'));
  const {exitCode, stderr} = await wslagent(['uninstall'], {
    env: {XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: undefined},
  });
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.deepEqual(
    tree(twin.home),
    before.filter(line => line.startsWith(twin.home)),
  );
  // what the manager of a real machine forgets when it ends
  await twin.run('systemctl', ['--user', 'stop', 'wslagent-ssh.socket', 'wslagent-gpg.socket']);
  await twin.run('systemctl', ['--user', 'daemon-reload']);
  await twin.run('systemctl', ['--user', 'start', ...GNUPG_UNITS.slice(1), 'gpg-agent-browser.socket']);
  rmSync(socket('wslagent'), {recursive: true});
  t.deepEqual(await changes(), []);
});

/** Kills wslagent when it has said so many lines. */
async function cutShort(args: string[], lines: number): Promise<void> {
  const child = execa('node', [CLI, ...args], {
    env: twin.env,
    extendEnv: false,
    reject: false,
    buffer: false,
    // a systemctl that outlived its installer would go on beside the uninstall
    detached: true,
  });
  let said = 0;
  for await (const _ of createInterface({input: child.stdout}))
    if (++said === lines && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  await child;
}
