// needs: systemd, pageant, ssh, gpg
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {mkdir, mkdtemp, readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {createInterface} from 'node:readline';
import test from 'ava';
import {execa} from 'execa';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import {sha256} from '../../../linux/install/plan-items.ts';
import type {Status} from '../../../linux/install/status.ts';
import {VERSION} from '../../../shared/version.ts';
import {ensureAgents} from '../agents/ensure.ts';
import {makeKey} from '../agents/keys.ts';
import {type Pageant, startPageant} from '../agents/pageant.ts';
import {poll} from '../poll.ts';
import {type RunOptions, startTwin, type Twin} from '../twin.ts';
import {difference, tree, userState} from './user-state.ts';

const CLI = join(DIST, 'wslagent.mjs');
const GNUPG_UNITS = [
  'gpg-agent.service',
  'gpg-agent.socket',
  'gpg-agent-ssh.socket',
  'gpg-agent-extra.socket',
];

let twin: Twin;
let pageant: Pageant;
let before: string[];

const wslagent = (args: string[], options?: RunOptions) => twin.run('node', [CLI, ...args], options);
const home = (...names: string[]) => join(twin.home, ...names);
const unit = (name: string) => home('.config/systemd/user', name);
const socket = (name: string) => join(twin.runtimeDir, name);
const state = async (name: string) =>
  (await twin.run('systemctl', ['--user', 'show', '--property=LoadState,ActiveState', name])).stdout;
const status = async (): Promise<Status> => JSON.parse((await wslagent(['status', '--json'])).stdout);
const loginShell = (command: string) => twin.run('sh', ['-lc', command]);

const changes = async (since = before) => difference(since, await userState(twin));

test.before(async t => {
  // agents that the cache lacks are built now
  t.timeout(20 * 60_000);
  const agents = await ensureAgents({pageant: true});
  if (agents.pageant === undefined) throw new Error('no Pageant');
  twin = await startTwin({systemd: true});
  const folder = await mkdtemp(join(twin.runtimeDir, '..', 'install-'));
  const key = await makeKey(folder, 'the key', 'ed25519');
  pageant = await startPageant(twin.env, {
    pageantExe: agents.pageant.pageantExe,
    keys: [key.ppkPath],
    folder,
  });
  mkdirSync(home('.config/wslagent'), {recursive: true});
  writeFileSync(home('.config/wslagent/config.toml'), `[endpoints.ssh]\ntargets = ["${pageant.pipe}"]\n`);
  // files of the person's: without a final newline, and for gpg alone
  writeFileSync(home('.bashrc'), 'alias ll="ls -l"');
  mkdirSync(home('.gnupg'), {mode: 0o700});
  await twin.run('gpg', ['--list-keys']);
  await twin.run('gpg-connect-agent', ['/bye']);
  await twin.run('systemctl', ['--user', 'stop', 'gpg-agent.service']);
  writeFileSync(home('.gnupg/gpg.conf'), 'no-greeting\n', {mode: 0o600});
  before = await userState(twin);
});

test.after.always(async () => {
  await pageant?.stop();
  await twin?.stop();
});

test.afterEach.always(async () => {
  await wslagent(['uninstall']);
});

test.serial('--dry-run says what it would do and does nothing', async t => {
  const {exitCode, stdout, stderr} = await wslagent(['install', 'ssh', 'gpg', '--now', '--dry-run']);
  t.is(exitCode, 0);
  t.is(stderr, '');
  t.true(stdout.split('\n').every(line => line === '' || line.startsWith('would ')));
  for (const said of ['wslagent-ssh.socket', 'mask gpg-agent.socket', '.bashrc', 'enable --now'])
    t.true(stdout.includes(said), said);
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
    t.true(existsSync(exe));
    t.regex(await state('wslagent.service'), /ActiveState=inactive/);
    const idle = await status();
    t.is(idle.state, 'ok');
    t.deepEqual(idle.relay, {active: false, pid: null, since: null});
    t.deepEqual(idle.helper, {command: [exe], whole: true});
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
      /: all fine\nssh +listening on .*\n[\s\S]*relay +running, pid \d+[\s\S]*SSH_AUTH_SOCK points here/,
    );
    const {stdout: units} = await twin.run('systemctl', ['--user', 'show-environment']);
    t.regex(units, new RegExp(`^SSH_AUTH_SOCK=${socket('wslagent/ssh.sock')}$`, 'm'));
  },
);

test.serial('a second install changes nothing', async t => {
  await wslagent(['install', 'ssh', 'gpg', '--now']);
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
    /^wslagent: error: wslagent is not installed\nwslagent: hint: wslagent install ssh --now\n$/,
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

  t.is((await wslagent(['install', '--mode', 'daemon', '--now'])).exitCode, 0);
  t.false(existsSync(unit('wslagent-ssh@.service')));
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  t.regex(await state('wslagent.service'), /ActiveState=active/);

  t.is((await wslagent(['install', '--mode', 'direct', '--now'])).exitCode, 0);
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
  t.is((await wslagent(['install', 'gpg', 'gpg-ssh', '--now'])).exitCode, 0);
  t.deepEqual(
    (await status()).endpoints.map(({name, listening}) => [name, listening]),
    [
      ['ssh', true],
      ['gpg', true],
      ['gpg-ssh', true],
    ],
  );
  t.is((await wslagent(['env', 'fish'])).stdout, `set -gx SSH_AUTH_SOCK ${socket('wslagent/ssh.sock')};\n`);
  t.is((await wslagent(['uninstall', 'ssh'])).exitCode, 0);
  t.is((await loginShell('echo $SSH_AUTH_SOCK')).stdout, `${socket('gnupg/S.gpg-agent.ssh')}\n`);
  t.is((await wslagent(['uninstall', 'ssh'])).exitCode, 3);
  t.is((await wslagent(['uninstall', 'gpg', 'gpg-ssh'])).exitCode, 0);
  t.deepEqual(await changes(), []);
});

test.serial('the distribution’s agent, when it runs, makes room and comes back', async t => {
  await twin.run('gpg-connect-agent', ['/bye']);
  t.regex(await state('gpg-agent.service'), /ActiveState=active/);
  t.is((await wslagent(['install', 'gpg', '--now'])).exitCode, 0);
  t.regex(await state('gpg-agent.service'), /ActiveState=inactive/);
  t.is((await wslagent(['uninstall'])).exitCode, 0);
  t.regex(await state('gpg-agent.service'), /ActiveState=active/);
  await twin.run('systemctl', ['--user', 'stop', 'gpg-agent.service']);
  t.deepEqual(await changes(), []);
});

test.serial('an agent that nobody’s unit started is ended too', async t => {
  await twin.run('systemctl', ['--user', 'stop', ...GNUPG_UNITS, 'gpg-agent-browser.socket']);
  await twin.run('gpg-connect-agent', ['/bye']);
  const {stdout} = await wslagent(['install', 'gpg', '--now']);
  t.regex(stdout, /^ended gpg-agent \(pid \d+; it listens where gpg must find wslagent\)$/m);
  const [gpg] = (await status()).endpoints;
  t.deepEqual(
    gpg?.holders.map(({program}) => program),
    ['systemd'],
  );
  await wslagent(['uninstall']);
  await twin.run('systemctl', [
    '--user',
    'start',
    'sockets.target',
    ...GNUPG_UNITS.slice(1),
    'gpg-agent-browser.socket',
  ]);
  t.deepEqual(await changes(), []);
});

test.serial('units that were masked before stay masked', async t => {
  await twin.run('systemctl', ['--user', 'mask', '--now', 'gpg-agent-extra.socket']);
  await wslagent(['install', 'gpg', '--now']);
  await wslagent(['uninstall']);
  t.regex(await state('gpg-agent-extra.socket'), /LoadState=masked/);
  t.regex(await state('gpg-agent.socket'), /LoadState=loaded\nActiveState=active/);
  await twin.run('systemctl', ['--user', 'unmask', 'gpg-agent-extra.socket']);
  await twin.run('systemctl', ['--user', 'start', 'gpg-agent-extra.socket']);
  await removeWhenEmpty(home('.config/systemd/user'), home('.config/systemd'));
  t.deepEqual(await changes(), []);
});

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
  t.regex(installed.stderr, /hint: --force/);
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
    t.is((await wslagent(['uninstall'])).exitCode, 0, `cut short after line ${line}`);
    t.deepEqual(await changes(), [], `cut short after line ${line}`);
  }
  await cutShort(['install', 'ssh', 'gpg', '--now'], 8);
  const halfway = await wslagent(['status']);
  t.is(halfway.exitCode, 3, halfway.stderr);
  t.regex(halfway.stdout, /an install was cut short|is not started/);
  t.is((await wslagent(['install', '--now'])).exitCode, 0);
  t.is((await status()).state, 'ok');
  await cutShort(['uninstall'], 5);
  t.is((await wslagent(['uninstall'])).exitCode, 0);
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

test.serial('status names what has gone wrong, and install --now repairs it', async t => {
  await wslagent(['install', 'ssh', 'gpg', '--now']);
  const exe = join(twin.localAppData.linux, 'wslagent', VERSION, 'wslagent-helper.exe');
  writeFileSync(exe, 'MZ');
  rmSync(unit('wslagent-ssh.socket'));
  await twin.run('systemctl', ['--user', 'unmask', 'gpg-agent-ssh.socket']);
  chmodSync(socket('gnupg/S.gpg-agent'), 0o666);
  const broken = await wslagent(['status']);
  t.is(broken.exitCode, 1);
  for (const said of [
    `the helper ${exe} is not the one that was installed`,
    `${unit('wslagent-ssh.socket')} is gone`,
    'gpg-agent-ssh.socket is not masked any more',
    'S.gpg-agent has mode 0666, not 0600',
  ])
    t.true(broken.stdout.includes(said), said);
  await twin.run('systemctl', ['--user', 'restart', 'wslagent-gpg.socket']);
  t.is((await wslagent(['install', '--now'])).exitCode, 0);
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
  t.is((await wslagent(['install', 'ssh', '--now'])).exitCode, 0);
  const {state: overall, endpoints} = await status();
  t.is(overall, 'ok');
  t.deepEqual(
    endpoints[0]?.holders.map(({program}) => program),
    ['systemd'],
  );
  other.kill();
  await other;
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

test.serial('a socket beside the agent is taken without ending the agent', async t => {
  await wslagent(['install', 'gpg-ssh', '--now']);
  t.regex(await state('gpg-agent-ssh.socket'), /LoadState=masked/);
  t.regex(await state('gpg-agent.socket'), /LoadState=loaded\nActiveState=active/);
  t.is(readFileSync(home('.gnupg/gpg.conf'), 'utf8'), 'no-greeting\n');
  await wslagent(['install', 'gpg', '--now']);
  t.regex(await state('gpg-agent.socket'), /LoadState=masked/);
  t.regex(readFileSync(home('.gnupg/gpg.conf'), 'utf8'), /^no-autostart$/m);
  t.is((await wslagent(['uninstall', 'gpg'])).exitCode, 0);
  t.regex(await state('gpg-agent-ssh.socket'), /LoadState=masked/);
  t.regex(await state('gpg-agent.socket'), /LoadState=loaded\nActiveState=active/);
  t.is(readFileSync(home('.gnupg/gpg.conf'), 'utf8'), 'no-greeting\n');
  // the agent runs, and its unit takes no further socket while it does
  await twin.run('gpg-connect-agent', ['/bye']);
  t.regex(await state('gpg-agent.service'), /ActiveState=active/);
  const {stderr} = await wslagent(['uninstall']);
  t.is(stderr, '');
  await twin.run('systemctl', ['--user', 'stop', 'gpg-agent.service']);
  t.deepEqual(await changes(), []);
});

test.serial('another version, in a folder with an odd name, takes over; the old exe goes', async t => {
  t.timeout(120_000);
  const next = VERSION.replace(/\d$/, '9');
  const root = await buildOf(next, `it's odd 100% $HOME`);
  const newer = (args: string[]) => twin.run('node', [join(root, 'dist/wslagent.mjs'), ...args]);
  await wslagent(['install', 'ssh', '--now']);
  await loginShell('ssh-add -l');
  const outdated = await newer(['status']);
  t.is(outdated.exitCode, 1);
  t.true(outdated.stdout.includes(`version ${VERSION} is installed, and this is ${next}`));

  const place = join(twin.localAppData.linux, 'wslagent');
  t.is((await newer(['install'])).exitCode, 0);
  t.deepEqual((await readdir(place)).sort(), [VERSION, next], 'what runs still needs the old one');
  const {exitCode, stderr} = await newer(['install', '--now']);
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.deepEqual(await readdir(place), [next]);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  const now: Status = JSON.parse((await newer(['status', '--json'])).stdout);
  t.deepEqual([now.state, now.version, now.problems], ['ok', next, []]);
  t.is((await loginShell('PATH=$HOME/.local/bin:$PATH wslagent --version')).stdout, `wslagent ${next}\n`);

  await newer(['install', '--mode', 'direct', '--now']);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  const units = (await readdir(unit(''))).filter(name => name.startsWith('wslagent')).map(unit);
  t.is((await twin.run('systemd-analyze', ['--user', 'verify', ...units])).stderr, '');
  t.is((await newer(['uninstall'])).exitCode, 0);
  rmSync(root, {recursive: true});
  t.deepEqual(await changes(), []);
});

test.serial('another helper is started by its command, wherever it is', async t => {
  const odd = join(twin.runtimeDir, '..', `it's odd 100% $HOME`);
  await mkdir(odd);
  const helper = join(odd, 'helper.exe');
  copyFileSync(builtExe(), helper);
  for (const mode of ['daemon', 'direct']) {
    const {exitCode, stderr} = await wslagent(['install', 'ssh', '--mode', mode, '--now'], {
      env: {WSLAGENT_HELPER: helper},
    });
    t.is(stderr, '');
    t.is(exitCode, 0);
    t.deepEqual((await status()).helper, {command: [helper], whole: true});
    t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/, mode);
  }
  t.false(existsSync(join(twin.localAppData.linux, 'wslagent')));
  await wslagent(['uninstall']);
  t.deepEqual(await changes(), []);
  t.true(existsSync(helper));
  rmSync(odd, {recursive: true});
});

/** A copy of the build that says it is of another version; both bundles hold theirs as text. */
async function buildOf(version: string, name: string): Promise<string> {
  const root = join(await mkdtemp(join(twin.runtimeDir, '..', 'build-')), name);
  await mkdir(join(root, 'dist'), {recursive: true});
  symlinkSync(join(DIST, '../systemd'), join(root, 'systemd'));
  const exe = basename(builtExe());
  for (const file of ['wslagent.mjs', exe]) {
    const bytes = readFileSync(join(DIST, file));
    bytes.write(`VERSION = "${version}"`, bytes.indexOf(`VERSION = "${VERSION}"`));
    writeFileSync(join(root, 'dist', file), bytes, {mode: 0o755});
    if (file === exe) writeFileSync(join(root, 'dist/SHA256SUMS'), `${sha256(bytes)}  ${exe}\n`);
  }
  return root;
}

/** What nobody but a test makes. */
async function removeWhenEmpty(...folders: string[]): Promise<void> {
  for (const folder of folders) {
    if (existsSync(folder) && (await readdir(folder)).length === 0) rmSync(folder, {recursive: true});
  }
}

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
