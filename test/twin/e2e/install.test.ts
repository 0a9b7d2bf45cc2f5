// needs: systemd, pageant, ssh, gpg
import {existsSync, lstatSync, readFileSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import test from 'ava';
import {builtExe, DIST, libraryBeside} from '../../../linux/helper-command.ts';
import {sha256} from '../../../linux/install/plan-items.ts';
import {VERSION} from '../../../shared/version.ts';
import {
  changes,
  GNUPG_UNITS,
  loginShell,
  socket,
  state,
  status,
  succeeds,
  twin,
  unit,
  useInstallBed,
  wslagent,
} from './install-bed.ts';
import {userState} from './user-state.ts';

useInstallBed(test);

test.serial('--dry-run says what it would do and does nothing', async t => {
  const {exitCode, stdout, stderr} = await wslagent(['install', 'ssh', 'gpg', '--now', '--dry-run']);
  t.is(exitCode, 0);
  t.is(stderr, '');
  t.true(stdout.split('\n').every(line => line === '' || line.startsWith('would ')));
  const files = [
    'wslagent-helper.exe',
    basename(libraryBeside(builtExe())),
    'wslagent-ssh.socket',
    '.bashrc',
  ];
  for (const said of [...files, 'mask gpg-agent.socket', 'enable --now']) t.true(stdout.includes(said), said);
  t.deepEqual(await changes(), []);
});

test.serial(
  'installed sockets listen, the first connection starts the relay, a shell finds the key',
  async t => {
    const installed = await wslagent(['install', 'ssh', 'gpg', 'gpg-ssh', '--now']);
    t.is(installed.stderr, '');
    t.is(installed.exitCode, 0);
    for (const path of ['wslagent/ssh.sock', 'gnupg/S.gpg-agent', 'gnupg/S.gpg-agent.ssh']) {
      t.is(lstatSync(socket(path)).mode & 0o777, 0o600, path);
      t.is(lstatSync(join(socket(path), '..')).mode & 0o777, 0o700, path);
    }
    const exe = join(twin.localAppData.linux, 'wslagent', VERSION, 'wslagent-helper.exe');
    for (const path of [exe, libraryBeside(exe)])
      t.is(sha256(readFileSync(path)), sha256(readFileSync(join(DIST, basename(path)))), path);
    t.regex(await state('wslagent.service'), /ActiveState=inactive/);
    const idle = await status();
    t.is(idle.state, 'ok');
    t.deepEqual(idle.relay, {active: false, state: 'inactive', pid: null, since: null});
    t.deepEqual(idle.helper, {command: [exe], whole: true, faulty: []});
    t.deepEqual(
      idle.endpoints.map(({name, listening, mode}) => [name, listening, mode]),
      ['ssh', 'gpg', 'gpg-ssh'].map(name => [name, true, '0600']),
    );

    const listed = await loginShell('ssh-add -l');
    t.regex(listed.stdout, /the key \(ED25519\)/);
    t.regex(await state('wslagent.service'), /ActiveState=active/);
    const running = await status();
    t.is(running.state, 'ok');
    t.true(running.relay?.active);
    t.true(running.endpoints[0]?.holders.some(({pid}) => pid === running.relay?.pid));
    const text = await loginShell('PATH=$HOME/.local/bin:$PATH wslagent status');
    t.is(text.exitCode, 0);
    t.regex(
      text.stdout,
      /: nothing is wrong, and nobody has used gpg, gpg-ssh yet\nssh +listening on .*\n[\s\S]*relay +running, pid \d+[\s\S]*SSH_AUTH_SOCK points here/,
    );
    const {stdout: units} = await twin.run('systemctl', ['--user', 'show-environment']);
    t.regex(units, new RegExp(`^SSH_AUTH_SOCK=${socket('wslagent/ssh.sock')}$`, 'm'));
  },
);

test.serial('a second install changes nothing', async t => {
  t.like(await wslagent(['install', 'ssh', 'gpg', '--now']), {exitCode: 0, stderr: ''});
  const installed = await userState(twin);
  for (const args of [
    ['install', 'ssh', 'gpg', '--now'],
    ['install', '--now'],
    ['install', 'gpg'],
  ]) {
    const {exitCode, stdout, stderr} = await wslagent(args);
    t.is(exitCode, 0);
    t.is(stderr, '');
    t.is(stdout, 'nothing to change\n', args.join(' '));
  }
  t.deepEqual(await changes(installed), []);
});

test.serial('uninstall leaves home and user manager as they were', async t => {
  await wslagent(['install', 'ssh', 'gpg', 'gpg-ssh', '--now']);
  await loginShell('ssh-add -l');
  for (const name of GNUPG_UNITS) t.regex(await state(name), /LoadState=masked\nActiveState=inactive/, name);
  const {exitCode, stderr} = await wslagent(['uninstall']);
  t.is(exitCode, 0);
  t.is(stderr, '');
  t.deepEqual(await changes(), []);
  const again = await wslagent(['uninstall']);
  t.is(again.exitCode, 3);
  t.is(again.stdout, '');
  t.regex(
    again.stderr,
    /^wslagent: error: wslagent is not installed\nwslagent: hint: wslagent install --now\n$/,
  );
});

test.serial('without --now nothing listens, and the command that is left is printed', async t => {
  const {stdout} = await wslagent(['install', 'ssh']);
  t.regex(await state('wslagent-ssh.socket'), /ActiveState=inactive/);
  const command = /^to start it: (.*)$/m.exec(stdout)?.[1] ?? '';
  t.is(command, 'systemctl --user daemon-reload && systemctl --user enable --now wslagent-ssh.socket');
  t.is((await status()).state, 'not running');
  t.is((await wslagent(['status'])).exitCode, 3);
  t.is((await loginShell(command)).exitCode, 0);
  t.is((await status()).state, 'ok');
  await wslagent(['uninstall']);
  t.deepEqual(await changes(), []);
});

test.serial('direct mode serves the same clients, and modes can be changed either way', async t => {
  t.timeout(180_000);
  await wslagent(['install', 'ssh', '--mode', 'direct', '--now']);
  t.false(existsSync(unit('wslagent.service')));
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  t.is((await status()).state, 'ok');
  t.is((await wslagent(['install', '--now'])).stdout, 'nothing to change\n');

  await succeeds(t, ['install', '--mode', 'daemon', '--now']);
  t.false(existsSync(unit('wslagent-ssh@.service')));
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  t.regex(await state('wslagent.service'), /ActiveState=active/);

  await succeeds(t, ['install', '--mode', 'direct', '--now']);
  t.regex(await state('wslagent.service'), /ActiveState=inactive/);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  await wslagent(['uninstall']);
  t.deepEqual(await changes(), []);
});

test.serial('endpoints come and go one by one, also while the relay runs', async t => {
  t.timeout(180_000);
  await wslagent(['install', 'ssh', '--now']);
  await loginShell('ssh-add -l');
  t.regex(await state('wslagent.service'), /ActiveState=active/);
  await succeeds(t, ['install', 'gpg', 'gpg-ssh', '--now']);
  t.deepEqual(
    (await status()).endpoints.map(({name, listening}) => [name, listening]),
    [
      ['ssh', true],
      ['gpg', true],
      ['gpg-ssh', true],
    ],
  );
  t.is((await wslagent(['env', 'fish'])).stdout, `set -gx SSH_AUTH_SOCK ${socket('wslagent/ssh.sock')};\n`);
  await succeeds(t, ['uninstall', 'ssh']);
  t.is((await loginShell('echo $SSH_AUTH_SOCK')).stdout, `${socket('gnupg/S.gpg-agent.ssh')}\n`);
  t.is((await wslagent(['uninstall', 'ssh'])).exitCode, 3);
  await succeeds(t, ['uninstall', 'gpg', 'gpg-ssh']);
  t.deepEqual(await changes(), []);
});

test.serial('systemd has nothing to say about the units of either mode', async t => {
  for (const mode of ['daemon', 'direct']) {
    await wslagent(['install', 'ssh', 'gpg', 'scdaemon', '--mode', mode]);
    const units = (await readdir(unit(''))).filter(name => name.startsWith('wslagent')).map(unit);
    t.true(units.length >= 4);
    const {exitCode, stdout, stderr} = await twin.run('systemd-analyze', ['--user', 'verify', ...units]);
    t.deepEqual({exitCode, stdout, stderr}, {exitCode: 0, stdout: '', stderr: ''});
  }
});
