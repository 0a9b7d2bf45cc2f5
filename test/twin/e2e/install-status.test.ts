// needs: systemd, pageant, ssh, gpg
import {chmodSync, existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {libraryBeside} from '../../../linux/helper-command.ts';
import {VERSION} from '../../../shared/version.ts';
import {poll} from '../poll.ts';
import {
  changes,
  home,
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

useInstallBed(test);

test.serial('status names what has gone wrong, and install --now repairs it', async t => {
  await wslagent(['install', 'ssh', 'gpg', '--now']);
  const exe = join(twin.localAppData.linux, 'wslagent', VERSION, 'wslagent-helper.exe');
  const library = libraryBeside(exe);
  writeFileSync(exe, 'MZ');
  rmSync(library);
  rmSync(unit('wslagent-ssh.socket'));
  await twin.run('systemctl', ['--user', 'unmask', 'gpg-agent-ssh.socket']);
  chmodSync(socket('gnupg/S.gpg-agent'), 0o666);
  const broken = await wslagent(['status']);
  t.is(broken.exitCode, 1);
  for (const said of [
    `the helper ${exe} is not the one that was installed`,
    `the helper's library ${library} is gone`,
    `${unit('wslagent-ssh.socket')} is gone`,
    'gpg-agent-ssh.socket is not masked any more',
    'S.gpg-agent has mode 0666, not 0600',
  ])
    t.true(broken.stdout.includes(said), said);
  await twin.run('systemctl', ['--user', 'restart', 'wslagent-gpg.socket']);
  await succeeds(t, ['install', '--now']);
  t.deepEqual((await status()).problems, []);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
});

test.serial('status names a program that took the place of a socket', async t => {
  await wslagent(['install', 'ssh', '--now']);
  rmSync(socket('wslagent/ssh.sock'));
  const thief = execa('ssh-agent', ['-D', '-a', socket('wslagent/ssh.sock')], {env: twin.env, reject: false});
  t.teardown(() => void thief.kill());
  await poll('the other agent', 10_000, () => existsSync(socket('wslagent/ssh.sock')));
  const {exitCode, stdout} = await wslagent(['status']);
  t.is(exitCode, 1);
  t.regex(stdout, new RegExp(`ssh-agent \\(pid ${thief.pid}\\) has put itself in the place of`));
  thief.kill();
  await thief;
});

test.serial('a relay that cannot start turns clients away and says why; mended, it serves them', async t => {
  await wslagent(['install', 'ssh', '--now']);
  const config = readFileSync(home('.config/wslagent/config.toml'), 'utf8');
  writeFileSync(home('.config/wslagent/config.toml'), `nope = 1\n${config}`);
  for (let client = 0; client < 7; client++) {
    const {stderr} = await loginShell('ssh-add -l');
    t.regex(stderr, /communication with agent failed/, `client ${client}`);
  }
  t.regex(await state('wslagent-ssh.socket'), /ActiveState=active/);
  await poll('the reason in the journal', 10_000, async () =>
    (await twin.journal('wslagent.service')).some(line =>
      /error: .*config\.toml: nope: is not a known key$/.test(line),
    ),
  );
  t.regex((await wslagent(['status'])).stdout, /^journal .*nope: is not a known key$/m);
  writeFileSync(home('.config/wslagent/config.toml'), config);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
});

test.serial('what is in the way is respected and named', async t => {
  await mkdir(socket('wslagent'), {mode: 0o700});
  const other = execa('ssh-agent', ['-D', '-a', socket('wslagent/ssh.sock')], {env: twin.env, reject: false});
  t.teardown(() => void other.kill());
  await poll('the other agent', 10_000, () => existsSync(socket('wslagent/ssh.sock')));
  const {exitCode, stdout, stderr} = await wslagent(['install', 'ssh', '--now']);
  t.is(exitCode, 73);
  t.is(stdout, '');
  t.regex(
    stderr,
    new RegExp(
      `ssh.sock is in use: ssh-agent \\(pid ${other.pid}\\) listens on it\\n.*hint: .*kill ${other.pid}\\n`,
    ),
  );
  other.kill();
  await other;
  rmSync(socket('wslagent'), {recursive: true});
  t.deepEqual(await changes(), []);
});

test.serial('another distribution’s socket of the same path is none of our business', async t => {
  // the kernel lists the Unix sockets of all that share the network, and each has a /run of its own
  const path = socket('wslagent/ssh.sock');
  const elsewhere = `mount -t tmpfs none ${twin.runtimeDir} && mkdir ${join(path, '..')} && exec ssh-agent -D -a ${path}`;
  const other = execa('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', elsewhere], {
    env: twin.env,
    reject: false,
  });
  t.teardown(() => void other.kill());
  await poll('the other agent', 10_000, () => readFileSync('/proc/net/unix', 'utf8').includes(`${path}\n`));
  await succeeds(t, ['install', 'ssh', '--now']);
  const {state: overall, endpoints} = await status();
  t.is(overall, 'ok');
  t.deepEqual(
    endpoints[0]?.holders.map(({program}) => program),
    ['systemd'],
  );
  other.kill();
  await other;
});
