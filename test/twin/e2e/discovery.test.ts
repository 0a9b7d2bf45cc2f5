// needs: systemd, pageant, gnupg, ssh, gpg
import {existsSync} from 'node:fs';
import {copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import type {AgentReport, ProbeReport} from '../../../shared/probe.ts';
import {ensureAgents} from '../agents/ensure.ts';
import {type Gnupg, setUpGnupg} from '../agents/gnupg.ts';
import {makeGnupgKey, offerToSsh} from '../agents/gnupg-keys.ts';
import {makeKey} from '../agents/keys.ts';
import {type Pageant, startPageant} from '../agents/pageant.ts';
import {type RunOptions, startTwin, type Twin} from '../twin.ts';
import {CEILING} from './chain.ts';
import {SETUP_MS} from './gpg-bed.ts';
import {difference, userState} from './user-state.ts';

const CLI = join(DIST, 'wslagent.mjs');

let twin: Twin;
let gnupg: Gnupg;
let pageant: Pageant | undefined;
let startAgain: () => Promise<Pageant>;
let before: string[];

const wslagent = (args: string[], options?: RunOptions) => twin.run('node', [CLI, ...args], options);
const loginShell = (command: string) => twin.run('sh', ['-lc', command]);
const changes = async (since = before) => difference(since, await userState(twin));
const found = async (): Promise<ProbeReport> => JSON.parse((await wslagent(['probe', '--json'])).stdout);
const at = ({agents}: ProbeReport, target: string): AgentReport | undefined =>
  agents.find(agent => agent.target === target);

test.before(async t => {
  t.timeout(SETUP_MS);
  const {pageant: pageantBuilt, gnupg: gnupgBuilt} = await ensureAgents({pageant: true, gnupg: true});
  if (pageantBuilt === undefined || gnupgBuilt === undefined) throw new Error('an agent is missing');
  twin = await startTwin({systemd: true});
  gnupg = await setUpGnupg(twin.env, gnupgBuilt);
  await mkdir(gnupg.home, {recursive: true});
  await writeFile(join(gnupg.home, 'gpg-agent.conf'), 'enable-win32-openssh-support\n');
  const key = await makeGnupgKey(gnupg, 'Ada <ada@example.org>');
  await offerToSsh(gnupg, key.grips.auth);
  const folder = () => mkdtemp(join(twin.runtimeDir, '..', 'discovery-'));
  const {ppkPath} = await makeKey(await folder(), 'the key', 'ed25519');
  // each in a folder of its own: one that was killed leaves its file behind
  startAgain = async () =>
    startPageant(twin.env, {pageantExe: pageantBuilt.pageantExe, keys: [ppkPath], folder: await folder()});
  pageant = await startAgain();
  // gpg makes its home when it is first asked
  await twin.run('gpg', ['--list-keys']);
  await twin.run('gpg-connect-agent', ['/bye']);
  await twin.run('systemctl', ['--user', 'stop', 'gpg-agent.service']);
  await mkdir(join(twin.home, '.config'));
  before = await userState(twin);
});

test.after.always(async () => {
  await pageant?.stop();
  await twin?.stop();
});

test.afterEach.always(async () => {
  await wslagent(['uninstall']);
});

test.serial('probe names who owns each pipe and window, and what gpg-agent.conf switches on', async t => {
  const report = await found();
  const pipe = at(report, 'pipe:openssh-ssh-agent');
  t.like(pipe, {state: 'answers', keys: 1, foundBy: 'well known', server: {product: 'gpg-agent'}});
  t.is(pipe?.server?.program, 'C:\\Program Files (x86)\\GnuPG\\bin\\gpg-agent.exe');
  t.regex(pipe?.server?.owner ?? '', /\\Ada Lovelace$/);
  t.like(at(report, 'pageant:pipe'), {state: 'answers', keys: 1, server: {product: 'Pageant'}});
  t.is(at(report, 'pageant:pipe')?.detail, pageant?.pipe);
  t.like(at(report, 'pageant:window'), {state: 'answers', keys: 1, server: {product: 'Pageant'}});
  t.like(at(report, 'gpg:agent-ssh-socket'), {state: 'answers', keys: 1, foundBy: 'gpgconf'});
  t.like(report.gnupg, {opensshPipe: 'openssh-ssh-agent', puttySupport: false, sshSupport: false});
  t.is(report.pageant.window?.pid, at(report, 'pageant:pipe')?.server?.pid);
  t.deepEqual(report.notes, []);

  const {stdout} = await wslagent(['probe']);
  t.regex(
    stdout,
    /^pipe:openssh-ssh-agent +gpg-agent: answers after \d+ ms, 1 key\n +C:\\Program Files \(x86\)\\GnuPG/m,
  );
  t.regex(
    stdout,
    /^pageant:pipe +Pageant: answers on \/\/\.\/pipe\/pageant\.Ada Lovelace\.\S+ after \d+ ms, 1 key$/m,
  );
  t.regex(stdout, /gpg-agent\.conf: enable-win32-openssh-support \(pipe openssh-ssh-agent\)$/m);
});

test.serial('probe finds what is configured for other programs on Windows', async t => {
  const folder = join(twin.localAppData.linux, '../..');
  const ssh = join(folder, '.ssh');
  const keepass = join(folder, 'AppData/Roaming/KeePass');
  await mkdir(ssh);
  await mkdir(keepass, {recursive: true});
  await writeFile(join(ssh, 'pageant.conf'), 'IdentityAgent "//./pipe/pageant.gone"\n');
  const option = (name: string, value: string) =>
    `<Item><Key>KeeAgent.${name}</Key><Value>${value}</Value></Item>`;
  const options = option('UseCygwinSocket', 'true') + option('CygwinSocketPath', '%LOCALAPPDATA%\\keeagent');
  await writeFile(join(keepass, 'KeePass.config.xml'), `<Custom>${options}</Custom>`);
  const reg = twin.toLinux('C:\\windows\\system32\\reg.exe');
  const variable = ['HKCU\\Environment', '/v', 'SSH_AUTH_SOCK'];
  await twin.run(reg, ['add', ...variable, '/d', 'C:\\cygwin64\\tmp\\agent', '/f']);
  const report = await found();
  await twin.run(reg, ['delete', ...variable, '/f']);
  await rm(ssh, {recursive: true});
  await rm(keepass, {recursive: true});
  t.is(report.sshAuthSock, 'C:\\cygwin64\\tmp\\agent');
  t.like(at(report, 'cygwin:C:\\cygwin64\\tmp\\agent'), {state: 'absent', foundBy: 'SSH_AUTH_SOCK'});
  const keeAgent = report.agents.find(({foundBy}) => foundBy === 'KeeAgent');
  t.is(keeAgent?.target, `cygwin:${twin.localAppData.windows}\\keeagent`);
  const [file] = report.pageant.configFiles;
  t.is(file?.pipe, 'pageant.gone');
  t.like(at(report, `pageant:${file?.path}`), {state: 'absent', foundBy: 'openssh-config'});
});

test.serial(
  'without koffi the helper says so once, and what needs no call of Windows is still found',
  async t => {
    const folder = await mkdtemp(join(twin.runtimeDir, '..', 'no-library-'));
    const helper = join(folder, 'wslagent-helper.exe');
    await copyFile(builtExe(), helper);
    const {stdout, exitCode} = await wslagent(['probe', '--json'], {env: {WSLAGENT_HELPER: helper}});
    await rm(folder, {recursive: true});
    t.is(exitCode, 0);
    const report: ProbeReport = JSON.parse(stdout);
    t.is(report.notes.length, 1);
    t.regex(report.notes[0]?.text ?? '', /koffi-\w+\.node, with which the helper calls windows, is missing/);
    t.like(at(report, 'gpg:agent-ssh-socket'), {state: 'answers', keys: 1});
    t.deepEqual(
      report.agents.filter(({state}) => state === 'helperIncomplete'),
      [],
    );
  },
);

const CHOICE = [
  'found on Windows:',
  String.raw`  ssh  <- Pageant on //\./pipe/pageant\.Ada Lovelace\.\w+ \(answers, 1 key\)`,
  String.raw`          then gpg-agent of GnuPG 2\.\d+\.\d+ \(answers, 1 key\)`,
  String.raw`  gpg  <- gpg-agent of GnuPG 2\.\d+\.\d+ \(answers\)`,
  "  note: gpg-agent's own socket is used in place of pipe:openssh-ssh-agent, which serves one client at a time",
].join('\n');

test.serial(
  'without a terminal and without --yes the choice and the command are shown, and nothing is changed',
  async t => {
    const {exitCode, stdout, stderr} = await wslagent(['install', '--now', '--mode', 'direct']);
    t.is(exitCode, 2);
    t.is(stdout, '');
    const refused =
      'wslagent: error: nothing is installed: nobody is there to be asked\n' +
      'wslagent: hint: wslagent install --yes --now --mode direct\n';
    t.regex(stderr, new RegExp(`^${CHOICE}\n${refused}$`));
    t.deepEqual(await changes(), []);
  },
);

test.serial('--dry-run shows the choice and what it would do, and changes nothing', async t => {
  const {exitCode, stdout, stderr} = await wslagent(['install', '--now', '--dry-run']);
  t.is(exitCode, 0);
  t.regex(stderr, new RegExp(`^${CHOICE}\n$`));
  t.true(stdout.split('\n').every(line => line === '' || line.startsWith('would ')));
  for (const said of ['wslagent-ssh.socket', 'wslagent-gpg.socket']) t.true(stdout.includes(said), said);
  t.deepEqual(await changes(), []);
});

test.serial('on a terminal a person is asked; a no, a Ctrl-C and a Ctrl-D change nothing', async t => {
  for (const input of ['n\r', '\r', '\u0003', '\u0004']) {
    const {exitCode, stdout} = await onTerminal('install --now', input);
    t.is(exitCode, 1, stdout);
    t.regex(stdout, /install ssh and gpg like this\? \[y\/N\]/);
    t.regex(stdout, /^nothing was changed\r?$/m);
    t.deepEqual(await changes(), [], JSON.stringify(input));
  }
});

test.serial('a yes installs', async t => {
  const {exitCode, stdout} = await onTerminal('install --now', 'y\r');
  t.is(exitCode, 0, stdout);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
});

test.serial('what was chosen serves its clients, lasts, and goes again', async t => {
  t.timeout(180_000);
  const installed = await wslagent(['install', '--yes', '--now']);
  t.is(installed.exitCode, 0, installed.stderr);
  t.regex(installed.stderr, new RegExp(`^${CHOICE}\n$`));
  t.regex((await loginShell('ssh-add -l')).stdout, /^256 \S+ the key \(ED25519\)\n$/);
  const version = await twin.run('gpg-connect-agent', ['--no-autostart', 'GETINFO version', '/bye']);
  t.regex(version.stdout, /^D 2\.4\.\d+\nOK\n$/);

  const listed = JSON.parse((await wslagent(['endpoints', '--json'])).stdout) as {
    name: string;
    targets: string[];
  }[];
  t.deepEqual(listed.find(({name}) => name === 'ssh')?.targets, ['pageant', 'gpg:agent-ssh-socket']);
  t.false(existsSync(join(twin.home, '.config/wslagent/config.toml')));

  const after = await userState(twin);
  for (const args of [
    ['install', '--yes', '--now'],
    ['install', '--now'],
    ['install', 'ssh', 'gpg'],
  ]) {
    const {exitCode, stdout, stderr} = await wslagent(args);
    t.deepEqual({exitCode, stdout, stderr}, {exitCode: 0, stdout: 'nothing to change\n', stderr: ''});
  }
  t.deepEqual(await changes(after), []);

  // the next in the list serves when the first has gone
  await pageant?.stop();
  t.regex((await loginShell('ssh-add -l')).stdout, /^256 \S+ .*\(ED25519\)\n$/);
  t.notRegex((await loginShell('ssh-add -l')).stdout, /the key/);
  pageant = await startAgain();
  t.regex((await loginShell('ssh-add -l')).stdout, /the key/);

  const {exitCode, stderr} = await wslagent(['install', '--mode', 'direct', '--now']);
  t.is(exitCode, 0, stderr);
  const unit = await readFile(join(twin.home, '.config/systemd/user/wslagent-ssh@.service'), 'utf8');
  t.regex(unit, /--target pageant --target gpg:agent-ssh-socket$/m);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key/);

  t.is((await wslagent(['uninstall'])).stderr, '');
  t.deepEqual(await changes(), []);
});

test.serial("a person's own targets stay, and what else was found is told", async t => {
  const config = join(twin.home, '.config/wslagent/config.toml');
  await mkdir(join(config, '..'), {recursive: true});
  const text = '[endpoints.ssh]\ntargets = ["gpg:agent-ssh-socket"]\n';
  await writeFile(config, text);
  const {exitCode, stderr} = await wslagent(['install', '--yes', '--now']);
  const {stdout} = await loginShell('ssh-add -l');
  const kept = await readFile(config, 'utf8');
  await wslagent(['uninstall']);
  await rm(join(config, '..'), {recursive: true});
  t.is(exitCode, 0);
  t.regex(stderr, /^ {2}ssh {2}<- gpg:agent-ssh-socket \(as the configuration file says\)$/m);
  t.regex(
    stderr,
    /found as well for ssh: Pageant on .*\n +under \[endpoints\.ssh\] .*: targets = \["gpg:agent-ssh-socket", "pageant"\]$/m,
  );
  t.regex(stdout, /^256 \S+ .*\(ED25519\)\n$/);
  t.notRegex(stdout, /the key/);
  t.is(kept, text);
  t.deepEqual(await changes(), []);
});

test.serial('secret keys of the Linux side stay in use: gpg is left out', async t => {
  const keys = join(twin.home, '.gnupg/private-keys-v1.d');
  const existed = existsSync(keys);
  await mkdir(keys, {recursive: true, mode: 0o700});
  await writeFile(join(keys, `${'A'.repeat(40)}.key`), '');
  const {stderr, exitCode} = await wslagent(['install', '--yes', '--dry-run']);
  await rm(existed ? join(keys, `${'A'.repeat(40)}.key`) : keys, {recursive: true});
  t.is(exitCode, 0);
  t.notRegex(stderr, /^ {2}gpg /m);
  t.regex(stderr, /note: gpg is left out: the Linux side has secret keys of its own/);
  t.deepEqual(await changes(), []);
});

test.serial("gpg-agent in Pageant's place is named, and its own socket chosen", async t => {
  await pageant?.stop();
  await gnupg.kill();
  await writeFile(join(gnupg.home, 'gpg-agent.conf'), 'enable-putty-support\n');
  await gnupg.launch();
  const report = await found();
  t.like(report.pageant.window, {product: 'gpg-agent'});
  t.like(at(report, 'pageant:window'), {state: 'answers', keys: 1, server: {product: 'gpg-agent'}});
  t.like(report.gnupg, {puttySupport: true, opensshPipe: null});
  const {stderr} = await wslagent(['install', '--dry-run']);
  t.regex(
    stderr,
    /^found on Windows:\n {2}ssh {2}<- gpg-agent of GnuPG 2\.\d+\.\d+ \(answers, 1 key\)\n {2}gpg /,
  );
});

test.serial('where no agent is, it says what to switch on, and nothing is changed', async t => {
  await pageant?.stop();
  await gnupg.kill();
  await rename(gnupg.bin.linux, `${gnupg.bin.linux}.away`);
  for (const flags of [['--yes', '--now'], []]) {
    const {exitCode, stdout, stderr} = await wslagent(['install', ...flags]);
    t.is(exitCode, 69);
    t.is(stdout, '');
    t.regex(
      stderr,
      /^wslagent: error: no agent was found on Windows that could be used\nwslagent: hint: [^\n]*Start-Service ssh-agent[^\n]*1Password, Bitwarden[^\n]*Gpg4win[^\n]*\nwslagent: hint: wslagent install --now\n$/,
    );
  }
  await rename(`${gnupg.bin.linux}.away`, gnupg.bin.linux);
  t.deepEqual(await changes(), []);
});

/** Runs wslagent on a terminal at which somebody types when there is a question; gives all that the terminal showed. */
async function onTerminal(args: string, input: string) {
  const child = execa('script', ['-qec', `node '${CLI}' ${args}`, '/dev/null'], {
    env: twin.env,
    extendEnv: false,
    reject: false,
    timeout: CEILING,
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const asked = shown.includes('[y/N]');
    shown += chunk.toString();
    if (!asked && shown.includes('[y/N]')) child.stdin.write(input);
  });
  const {exitCode} = await child;
  return {exitCode, stdout: shown};
}
