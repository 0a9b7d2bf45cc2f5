// needs: systemd
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import test from 'ava';
import {builtExe, DIST, libraryBeside} from '../../../linux/helper-command.ts';
import {sha256} from '../../../linux/install/plan-items.ts';
import {VERSION} from '../../../shared/version.ts';
import {type RunResult, startTwin, type Twin} from '../twin.ts';
import {difference, userState} from './user-state.ts';

let twin: Twin;
let before: string[];

type Row = {
  what: string;
  exit: number;
  error: RegExp;
  hint: RegExp;
  args?: string[];
  env?: Record<string, string | undefined>;
  /** The person's configuration file. */
  config?: string;
};

const runtime = () => twin.runtimeDir;

test.before(async () => {
  twin = await startTwin({systemd: true});
  mkdirSync(join(twin.home, '.config/wslagent'), {recursive: true});
  writeFileSync(configPath(), '');
  before = await userState(twin);
});

test.after.always(async () => {
  await twin?.stop();
});

const configPath = () => join(twin.home, '.config/wslagent/config.toml');

const rows: Row[] = [
  {
    what: 'an unknown endpoint',
    args: ['nosuch'],
    exit: 2,
    error: /unknown endpoint "nosuch"/,
    hint: /known: ssh, gpg/,
  },
  {
    what: 'an endpoint that is no name',
    args: ['a/b'],
    exit: 2,
    error: /unknown endpoint "a\/b"/,
    hint: /lower-case/,
  },
  {what: 'an unknown option', args: ['--nope'], exit: 2, error: /unknown option --nope/, hint: /--help/},
  {what: 'an unknown mode', args: ['--mode', 'other'], exit: 2, error: /mode.*other/i, hint: /--help/},
  {
    what: 'an unknown target',
    config: '[endpoints.ssh]\ntargets = ["tcp:1"]\n',
    exit: 78,
    error: /endpoints\.ssh\.targets\.0: unknown target "tcp:1"/,
    hint: /docs\/configuration\.md/,
  },
  {
    what: 'an unknown key',
    config: '[relay]\nnope = 1\n',
    exit: 78,
    error: /config\.toml: relay\.nope: is not a known key/,
    hint: /docs\/configuration\.md/,
  },
  {
    what: 'an endpoint without targets',
    config: '[endpoints.own]\nprotocol = "raw"\n',
    args: ['own'],
    exit: 78,
    error: /endpoint "own" has no targets/,
    hint: /targets = /,
  },
  {
    what: 'a path too long for a socket',
    config: `[endpoints.ssh]\nlisten = "/run/${'x'.repeat(110)}/a.sock"\n`,
    exit: 73,
    error: /is 122 bytes long, and Linux allows 107/,
    hint: /shorter/,
  },
  {
    what: 'a socket in everybody’s folder',
    config: '[endpoints.ssh]\nlisten = "/tmp/agent.sock"\n',
    exit: 77,
    error: /others can make files in the folder \/tmp$/m,
    hint: /a folder of your own/,
  },
  {
    what: 'an XDG_RUNTIME_DIR that is not there',
    env: {XDG_RUNTIME_DIR: '/nowhere'},
    exit: 1,
    error: /\/nowhere, which does not exist/,
    hint: /systemd=true/,
  },
  {what: 'no HOME', env: {HOME: undefined}, exit: 1, error: /HOME is not set/, hint: /export HOME/},
  {
    what: 'a manager with another configuration folder',
    env: {XDG_CONFIG_HOME: '/nowhere'},
    exit: 1,
    error: /does not read \/nowhere\/systemd\/user/,
    hint: /unset XDG_CONFIG_HOME/,
  },
  {
    what: 'a helper that is not there',
    env: {WSLAGENT_HELPER: '/no/helper'},
    exit: 72,
    error: /the helper \/no\/helper does not exist/,
    hint: /unset WSLAGENT_HELPER/,
  },
];

for (const row of rows)
  test.serial(`refused, with nothing changed: ${row.what}`, async t => {
    if (row.config !== undefined) writeFileSync(configPath(), row.config);
    const result = await twin.run(
      'node',
      [join(DIST, 'wslagent.mjs'), 'install', ...(row.args ?? []), '--now'],
      {
        env: row.env ?? {},
      },
    );
    writeFileSync(configPath(), '');
    refused(t, result, row);
    t.deepEqual(difference(before, await userState(twin)), []);
  });

test.serial('refused, with nothing changed: no systemd', async t => {
  const folder = join(runtime(), 'empty');
  mkdirSync(folder, {mode: 0o700});
  const env = {XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: undefined};
  const result = await twin.run('node', [join(DIST, 'wslagent.mjs'), 'install'], {env});
  rmSync(folder, {recursive: true});
  refused(t, result, {
    exit: 1,
    error: /systemd's user manager is not there: /,
    hint: /^sudo systemctl restart user@\$\(id -u\)\.service$/,
  });
  t.deepEqual(difference(before, await userState(twin)), []);
});

test.serial('refused, with nothing changed: a socket folder that others can write', async t => {
  const folder = join(runtime(), 'wslagent');
  mkdirSync(folder);
  chmodSync(folder, 0o770);
  const result = await twin.run('node', [join(DIST, 'wslagent.mjs'), 'install']);
  rmSync(folder, {recursive: true});
  refused(t, result, {
    exit: 77,
    error: /others can write to the folder .*\/wslagent \(mode 770\)/,
    hint: /chmod go-w \S*\/wslagent$/m,
  });
  t.deepEqual(difference(before, await userState(twin)), []);
});

test.serial('refused, with nothing changed: Windows programs cannot be started', async t => {
  const osrelease = join(twin.env.TMPDIR ?? '', 'osrelease');
  writeFileSync(osrelease, '6.6.0-microsoft-standard-WSL2\n');
  const hidden = 'mount -t tmpfs none /proc/sys/fs/binfmt_misc && exec "$@"';
  const wsl = `mount --bind ${osrelease} /proc/sys/kernel/osrelease && ${hidden}`;
  const inside = async (script: string) =>
    twin.run('unshare', [
      ...['--user', '--map-current-user', '--keep-caps', '--mount', 'sh', '-c', script, 'sh'],
      ...['node', join(DIST, 'wslagent.mjs'), 'install', '--now'],
    ]);
  refused(t, await inside(wsl), {
    exit: 72,
    error: /WSL interop is off/,
    hint: /^write enabled=true below \[interop\] into \/etc\/wsl\.conf\nwsl\.exe --shutdown$/,
  });
  refused(t, await inside(hidden), {exit: 72, error: /this is not WSL/, hint: /^wslagent trial$/});
  t.deepEqual(difference(before, await userState(twin)), []);
});

test.serial('refused, with nothing changed: a WSL without wslpath', async t => {
  const [, ...without] = (twin.env.PATH ?? '').split(':');
  const install = [join(DIST, 'wslagent.mjs'), 'install', '--now'];
  refused(t, await twin.run('node', install, {env: {PATH: without.join(':')}}), {
    exit: 72,
    error: /wslpath is neither on PATH nor in \/usr\/bin/,
    hint: /^wsl\.exe --shutdown$/,
  });
  t.deepEqual(difference(before, await userState(twin)), []);
});

test.serial(
  'refused, with nothing changed: an exe that is missing, damaged or of another version, or lacks its library',
  async t => {
    t.timeout(180_000);
    const root = join(twin.env.TMPDIR ?? '', 'build');
    const exe = join(root, 'dist', builtExe().slice(DIST.length + 1));
    mkdirSync(dirname(exe), {recursive: true});
    for (const part of ['wslagent.mjs', 'wslagent'])
      cpSync(join(DIST, part), join(root, 'dist', part), {recursive: true});
    symlinkSync(join(DIST, '../systemd'), join(root, 'systemd'));
    const attempt = () => twin.run('node', [join(root, 'dist/wslagent.mjs'), 'install', '--now']);
    const sum = (path = exe) => `${sha256(readFileSync(path))}  ${basename(path)}\n`;
    const row = (error: RegExp) => ({exit: 72, error, hint: /^npm --prefix \S+ run build$/});

    refused(t, await attempt(), row(/wslagent-helper.*\.exe does not exist/));
    writeFileSync(exe, '#!/bin/sh\n', {mode: 0o755});
    refused(t, await attempt(), row(/is no Windows program/));
    cpSync(builtExe(), exe);
    truncateSync(exe, 60_000_000);
    refused(t, await attempt(), row(/is cut short/));
    cpSync(builtExe(), exe);
    refused(t, await attempt(), row(/SHA256SUMS .* does not list it/));
    writeFileSync(join(root, 'dist/SHA256SUMS'), `${'0'.repeat(64)}${sum().slice(64)}`);
    refused(t, await attempt(), row(/the helper \S+ is damaged: its sha256 is not the one/));

    const library = libraryBeside(exe);
    writeFileSync(join(root, 'dist/SHA256SUMS'), sum());
    refused(t, await attempt(), row(/the helper's library .*\.node does not exist/));
    copyFileSync(libraryBeside(builtExe()), library);
    refused(t, await attempt(), row(/SHA256SUMS beside .*\.node does not list it/));
    appendFileSync(join(root, 'dist/SHA256SUMS'), `${'0'.repeat(64)}${sum(library).slice(64)}`);
    refused(t, await attempt(), row(/the helper's library \S+ is damaged: its sha256 is not the one/));

    // the version is in the exe as text
    const bytes = readFileSync(exe);
    const [text, other] = [`VERSION = "${VERSION}"`, `VERSION = "${VERSION.replace(/\d$/, '9')}"`];
    const at = bytes.indexOf(text);
    t.true(at > 0);
    bytes.write(other, at);
    writeFileSync(exe, bytes);
    writeFileSync(join(root, 'dist/SHA256SUMS'), sum() + sum(library));
    refused(t, await attempt(), row(/\.exe is version [\d.]+9, and this is wslagent/));
    rmSync(root, {recursive: true});
    t.deepEqual(difference(before, await userState(twin)), []);
  },
);

type Expected = Pick<Row, 'exit' | 'error' | 'hint'>;

/** One error line, the lines of its hint, nothing else. */
function refused(
  t: {
    is: (...args: [unknown, unknown, string?]) => unknown;
    regex: (text: string, expected: RegExp) => unknown;
  },
  result: RunResult,
  {exit, error, hint}: Expected,
): void {
  t.is(result.exitCode, exit, result.stderr);
  t.is(result.stdout, '');
  const [first = '', ...rest] = result.stderr.split('\n');
  const hints = rest
    .filter(line => line.startsWith('wslagent: hint: '))
    .map(line => line.slice('wslagent: hint: '.length));
  t.regex(first, /^wslagent: error: (?![A-Z][a-z])/);
  t.regex(first, error);
  t.regex(hints.join('\n'), hint);
  t.is(rest.length, hints.length + 1, result.stderr);
}
