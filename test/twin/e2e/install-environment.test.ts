// needs: systemd, pageant, ssh, sshd
/** How SSH_AUTH_SOCK reaches programs, and what keeps it from them: without a login's variables, and with a person's own. */
import {appendFileSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {home, loginShell, socket, status, succeeds, twin, useInstallBed, wslagent} from './install-bed.ts';
import {startSshd} from './sshd.ts';

useInstallBed(test);

/** As cron, su and sudo start programs. */
const BARE = {
  XDG_RUNTIME_DIR: undefined,
  DBUS_SESSION_BUS_ADDRESS: undefined,
  SSH_AUTH_SOCK: undefined,
};

test.serial(
  'without XDG_RUNTIME_DIR install, status, bench and uninstall do what they do with it',
  async t => {
    const installed = await wslagent(['install', 'ssh', '--now'], {env: BARE});
    t.is(installed.exitCode, 0, installed.stderr);
    const again = await wslagent(['install', '--now'], {env: BARE});
    t.is(again.stdout.trim(), 'nothing to change', again.stderr);
    t.is((await wslagent(['install', '--now'])).stdout.trim(), 'nothing to change');
    const seen = await wslagent(['status', '--json'], {env: BARE});
    t.deepEqual(JSON.parse(seen.stdout).problems, []);
    t.is(JSON.parse(seen.stdout).state, 'ok');
    t.is(JSON.parse(seen.stdout).environment.expected, socket('wslagent/ssh.sock'));
    t.regex((await wslagent(['endpoints'], {env: BARE})).stdout, new RegExp(socket('wslagent/ssh.sock')));
    t.is((await wslagent(['uninstall'], {env: BARE})).exitCode, 0);
  },
);

test.serial(
  "another user's XDG_RUNTIME_DIR leads to one's own, and nothing is to be uninstalled",
  async t => {
    await succeeds(t, ['install', 'ssh', '--now']);
    const isRoot = process.getuid?.() === 0;
    // root owns what nobody else does
    const foreign = isRoot ? home('another') : '/proc/sys';
    if (isRoot) {
      mkdirSync(foreign, {mode: 0o700});
      chownSync(foreign, 1234, 1234);
      t.teardown(() => rmSync(foreign, {recursive: true}));
    }
    const env = {...BARE, XDG_RUNTIME_DIR: foreign};
    const EXPORT = 'export XDG_RUNTIME_DIR=/run/user/$(id -u)';
    const {exitCode, stderr} = await wslagent(['install', '--now'], {env});
    t.is(exitCode, 1);
    t.is(
      stderr.trim().replace(/user \d+/, 'user N'),
      `wslagent: error: XDG_RUNTIME_DIR names ${foreign}, which belongs to user N, not to you\nwslagent: hint: ${EXPORT}`,
    );
    const [problem, ...rest] = JSON.parse((await wslagent(['status', '--json'], {env})).stdout).problems;
    t.is(problem.hint, EXPORT);
    t.deepEqual(rest, []);
    t.is(
      (await twin.run('sh', ['-c', `${EXPORT}; printf %s "$XDG_RUNTIME_DIR"`], {env})).stdout,
      twin.runtimeDir,
    );
  },
);

test.serial(
  'what comes in the way of SSH_AUTH_SOCK in start-up files is named with its line, by install and status',
  async t => {
    const before = readFileSync(home('.bashrc'), 'utf8');
    t.teardown(() => writeFileSync(home('.bashrc'), before));
    writeFileSync(home('.bashrc'), 'alias ll="ls -l"\nreturn\n');
    const {stderr} = await wslagent(['install', 'ssh', '--now']);
    const place = `${home('.bashrc')}, line 2, ends that file before the lines of wslagent: return`;
    t.true(
      stderr.includes(
        `wslagent: warning: ${place}\nwslagent: hint: "\${EDITOR:-nano}" +2 ${home('.bashrc')}\n`,
      ),
      stderr,
    );
    t.deepEqual(
      (await status()).problems.map(({what}) => what),
      [place],
    );
    const {stdout} = await twin.run('sh', ['-c', `EDITOR=echo; ${(await status()).problems[0]?.hint}`]);
    t.is(stdout.trim(), `+2 ${home('.bashrc')}`);

    writeFileSync(home('.bashrc'), readFileSync(home('.bashrc'), 'utf8').replace('return\n', ''));
    t.deepEqual((await status()).problems, []);
    appendFileSync(home('.profile'), 'export SSH_AUTH_SOCK=/other\n');
    t.regex((await loginShell('echo $SSH_AUTH_SOCK')).stdout, /^\/other$/m);
    const [problem] = (await status()).problems;
    t.regex(
      problem?.what ?? '',
      /\.profile, line \d+, sets SSH_AUTH_SOCK after wslagent did: export SSH_AUTH_SOCK=\/other$/,
    );
    writeFileSync(
      home('.profile'),
      readFileSync(home('.profile'), 'utf8').replace('export SSH_AUTH_SOCK=/other\n', ''),
    );

    mkdirSync(home('.config/fish'), {recursive: true});
    t.teardown(() => rmSync(home('.config/fish'), {recursive: true}));
    writeFileSync(home('.config/fish/config.fish'), 'set -gx SSH_AUTH_SOCK /other\n');
    t.regex((await status()).problems[0]?.what ?? '', /config\.fish, line 1, sets SSH_AUTH_SOCK after/);
  },
);

test.serial(
  'systemctl --user set-environment SSH_AUTH_SOCK is named, and the line to type takes it back',
  async t => {
    await succeeds(t, ['install', 'ssh', '--now']);
    t.deepEqual((await status()).problems, []);
    await twin.run('systemctl', ['--user', 'set-environment', 'SSH_AUTH_SOCK=/other']);
    const {problems} = await status();
    t.regex(problems[0]?.what ?? '', /gets SSH_AUTH_SOCK=\/other, by systemctl --user set-environment/);
    await twin.run('sh', ['-c', problems[0]?.hint ?? '']);
    t.deepEqual((await status()).problems, []);
    const shown = await twin.run('systemctl', ['--user', 'show-environment']);
    t.true(shown.stdout.includes(`SSH_AUTH_SOCK=${socket('wslagent/ssh.sock')}\n`), shown.stdout);
  },
);

/** No variable but those that cron sets. */
const asCron = (command: string) =>
  twin.run('env', ['-i', `HOME=${twin.home}`, `PATH=${twin.env.PATH}`, 'SHELL=/bin/sh', 'sh', '-c', command]);

test.serial('cron and graphical git get the agent as docs/programs.md says', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  const page = readFileSync(join(import.meta.dirname, '../../../docs/programs.md'), 'utf8');
  const [, identityAgent = ''] = /^(Host \*\n {2}IdentityAgent \S+)$/m.exec(page) ?? [];
  const {stdout: keys} = await loginShell('ssh-add -L');
  const sshd = await startSshd(twin, keys.trim().split('\n'));
  t.teardown(() => sshd.stop());
  const config = home('.ssh-config');
  writeFileSync(config, `${identityAgent}\n  IdentitiesOnly no\nInclude ${sshd.sshConfig}\n`, {mode: 0o600});
  t.teardown(() => rmSync(config));
  const ran = await asCron(`ssh -F ${config} loopback echo came in`);
  t.is(ran.stdout, 'came in\n', ran.stderr);
  t.not((await asCron('ssh-add -l')).exitCode, 0);

  const [, line = ''] = /^(SSH_AUTH_SOCK=\/run\/user\/1000\S+)$/m.exec(page) ?? [];
  const own = line.replace('1000', String(process.getuid?.()));
  t.regex((await asCron(`export ${own}; ssh-add -l`)).stdout, /the key/);
});
