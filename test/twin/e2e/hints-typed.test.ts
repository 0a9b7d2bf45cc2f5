// needs: systemd, pageant, ssh, gpg
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {builtExe, DIST, libraryBeside} from '../../../linux/helper-command.ts';
import {VERSION} from '../../../shared/version.ts';
import {poll} from '../poll.ts';
import type {RunResult} from '../twin.ts';
import {CLI, home, socket, status, twin, unit, useInstallBed, wslagent} from './install-bed.ts';
import {typedHints} from './type-hints.ts';

useInstallBed(test);

const config = () => home('.config/wslagent/config.toml');
const record = () => home('.local/state/wslagent/install.json');
const systemctl = (...args: string[]) => twin.run('systemctl', ['--user', ...args]);
const exe = () => join(twin.localAppData.linux, 'wslagent', VERSION, 'wslagent-helper.exe');
const bin = () => join(twin.env.TMPDIR ?? '', 'bin');
const INSTALL = 'wslagent install second --now';

/** An error that a command ends in, in a shell where some lines were typed before; it has `hints` lines to type. */
type Row = {
  title: string;
  sets?: () => Promise<unknown> | unknown;
  before?: string;
  command?: string;
  error: RegExp;
  hints?: RegExp[];
  /** Of the command when the hints were typed. */
  exit?: number;
  clears?: () => Promise<unknown> | unknown;
};

const mending: Row[] = [
  {
    title: 'a wrong XDG_RUNTIME_DIR',
    before: 'export XDG_RUNTIME_DIR=run',
    error: /XDG_RUNTIME_DIR is "run", which is not absolute/,
    hints: [/^export /],
  },
  {title: 'no HOME', before: 'unset HOME', error: /HOME is not set/, hints: [/^export HOME=~$/]},
  {
    title: 'another configuration folder',
    before: 'export XDG_CONFIG_HOME=/nowhere',
    command: 'wslagent install ssh --now',
    error: /does not read \/nowhere/,
    hints: [/^unset /],
  },
  {
    title: 'a helper of the person’s that is not there',
    before: 'export WSLAGENT_HELPER=/no/helper',
    error: /\/no\/helper does not exist/,
    hints: [/^unset /],
  },
  {
    title: 'a helper of the person’s that is not on PATH',
    before: 'export WSLAGENT_HELPER=nohelper',
    error: /the helper nohelper is not on PATH/,
    hints: [/^unset /],
  },
  {
    title: 'a helper of the person’s that is none',
    before: 'export WSLAGENT_HELPER=echo',
    command: 'wslagent probe',
    error: /the helper's report is not understood/,
    hints: [/^unset /],
  },
  {
    title: 'sockets that systemd meant for another process',
    before: 'export LISTEN_PID=1 LISTEN_FDS=1 LISTEN_FDNAMES=ssh',
    command: 'timeout --preserve-status 5 wslagent relay second',
    error: /meant for process 1/,
    hints: [/^unset LISTEN_PID/],
  },
  {
    title: 'a record that is a folder',
    sets: () => mkdirSync(record(), {recursive: true}),
    error: /the record of the installation, \S+, is a folder/,
    hints: [/^mv /],
    clears: () => rmSync(`${record()}.old`, {recursive: true}),
  },
  {
    title: 'a record that cannot be read, and no copy of it',
    sets: async () => {
      await wslagent(['install', 'second', '--now']);
      for (const file of [record(), `${record()}.copy`]) writeFileSync(file, '{');
    },
    command: 'wslagent status',
    error: /the record of the installation, \S+, is damaged/,
    hints: [/^wslagent install --now$/],
  },
  {
    title: 'a socket that the service has',
    sets: () => wslagent(['install', 'ssh', '--now']),
    command: 'timeout --preserve-status 5 wslagent relay ssh',
    error: /is in use: the service of wslagent has it/,
    hints: [/^systemctl --user stop wslagent-ssh\.socket wslagent\.service$/],
  },
  {
    title: 'no endpoint for ssh',
    sets: async () => {
      appendFileSync(config(), '[endpoints.own]\ntargets = ["pipe:own"]\nprotocol = "raw"\n');
      await wslagent(['install', 'own', '--now']);
    },
    command: 'wslagent env',
    error: /no installed endpoint is for ssh/,
    hints: [/^wslagent install ssh --now$/],
  },
  {
    title: 'an endpoint to measure that is not installed',
    command: 'wslagent bench second --seconds 1',
    error: /endpoint "second" is not installed/,
    hints: [/^wslagent install second --now$/],
  },
  {
    title: 'a unit that is not from wslagent',
    sets: () => {
      mkdirSync(unit(''), {recursive: true});
      writeFileSync(unit('wslagent-second.socket'), '[Socket]\nListenStream=%t/mine.sock\n');
    },
    command: `${INSTALL}; wslagent status`,
    error: /left \S+wslagent-second\.socket alone: the file is not from wslagent/,
    hints: [/^wslagent install --now --force$/],
    clears: async () => {
      await wslagent(['uninstall']);
      rmSync(unit('wslagent-second.socket'), {force: true});
    },
  },
  {
    title: 'lines of ours that were taken out',
    sets: async () => {
      await wslagent(['install', 'ssh', '--now']);
      writeFileSync(home('.bashrc'), 'alias ll="ls -l"');
    },
    command: 'wslagent install --now; grep -q SSH_AUTH_SOCK ~/.bashrc',
    error: /left \S+\.bashrc alone: the lines of wslagent in it were changed or taken out/,
    hints: [/^wslagent install --now --force$/],
  },
  {
    title: 'another unit in the place of a socket',
    sets: async () => {
      mkdirSync(unit(''), {recursive: true});
      writeFileSync(
        unit('mine.socket'),
        '[Socket]\nListenStream=%t/wslagent/second.sock\nAccept=yes\n[Install]\nWantedBy=sockets.target\n',
      );
      writeFileSync(unit('mine@.service'), '[Service]\nExecStart=/bin/true\nStandardInput=socket\n');
      await systemctl('daemon-reload');
      await systemctl('enable', '--now', 'mine.socket');
      chmodSync(socket('wslagent'), 0o700);
    },
    error: /second\.sock belongs to mine\.socket/,
    hints: [/^systemctl --user disable --now mine\.socket$/],
    clears: async () => {
      for (const name of ['mine.socket', 'mine@.service']) rmSync(unit(name));
      await systemctl('daemon-reload');
    },
  },
  {
    title: 'another program in the place of a socket',
    sets: async () => {
      mkdirSync(socket('wslagent'), {mode: 0o700, recursive: true});
      const options = {env: twin.env, reject: false} as const;
      void execa('ssh-agent', ['-D', '-a', socket('wslagent/second.sock')], options);
      await poll('the other agent', 10_000, () => existsSync(socket('wslagent/second.sock')));
    },
    error: /second\.sock is in use: ssh-agent \(pid \d+\)/,
    hints: [/^kill \d+$/],
  },
  {
    title: 'a unit of the person’s that cannot be masked',
    sets: async () => {
      mkdirSync(unit(''), {recursive: true});
      writeFileSync(unit('gpg-agent.socket'), '[Socket]\nListenStream=%t/gnupg/S.gpg-agent\n');
      await systemctl('daemon-reload');
    },
    command: 'wslagent install gpg --now',
    error: /gpg-agent\.socket is a unit of your own and cannot be masked/,
    hints: [/^mv /, /^systemctl --user daemon-reload$/],
    clears: async () => {
      await wslagent(['uninstall']);
      rmSync(unit('gpg-agent.socket.off'));
    },
  },
  {
    title: 'a local gpg-agent that does not end',
    sets: async () => {
      await systemctl(
        'stop',
        'gpg-agent.socket',
        'gpg-agent-extra.socket',
        'gpg-agent-ssh.socket',
        'gpg-agent.service',
      );
      const {stderr, exitCode} = await twin.run('gpg-agent', ['--daemon']);
      if (exitCode !== 0) throw new Error(stderr);
      await twin.run('bash', ['-c', 'kill -STOP $(pgrep -x gpg-agent)']);
    },
    command: 'wslagent install gpg --now',
    error: /gpg-agent \(pid \d+\) does not end/,
    hints: [/^kill -9 \d+$/],
  },
  {
    title: 'a socket folder that others can write',
    sets: () => {
      mkdirSync(socket('wslagent'), {recursive: true});
      chmodSync(socket('wslagent'), 0o770);
    },
    error: /others can write to the folder/,
    hints: [/^chmod go-w /],
  },
  {
    title: 'a folder of a foreground relay that others can write',
    sets: () => {
      mkdirSync(home('open'));
      chmodSync(home('open'), 0o775);
    },
    command: 'timeout --preserve-status 5 wslagent relay --listen ~/open/a.sock --target pipe:x',
    error: /others can write to the folder/,
    hints: [/^chmod go-w /],
    clears: () => rmSync(home('open'), {recursive: true}),
  },
  {
    title: 'an installed endpoint that the configuration has no more',
    sets: async () => {
      await wslagent(['install', 'ssh', 'second', '--now']);
      writeFileSync(config(), readFileSync(config(), 'utf8').replace(/\[endpoints\.second\][\s\S]*$/, ''));
    },
    command: 'wslagent install --now',
    error: /unknown endpoint "second", which is installed/,
    hints: [/^wslagent uninstall second$/],
  },
  {
    title: 'an installed helper that is gone',
    sets: async () => {
      await wslagent(['install', 'second', '--now']);
      rmSync(exe());
    },
    command: 'wslagent probe',
    error: /wslagent-helper\.exe does not exist/,
    hints: [/^wslagent install --now$/],
  },
];

const configs: string[] = [];

/** What a shell of the person's says when these lines are typed in it, and how the last one ended. */
const types = (...lines: string[]): Promise<RunResult> =>
  twin.run('bash', ['-c', [`PATH=${bin()}:$PATH`, ...lines].join('\n')]);

test.beforeEach(() => {
  mkdirSync(bin(), {recursive: true});
  // a login shell has a Node of its own
  writeFileSync(join(bin(), 'wslagent'), `#!/bin/sh\nexec ${process.execPath} ${CLI} "$@"\n`, {mode: 0o755});
  const text = readFileSync(config(), 'utf8');
  configs.push(text);
  writeFileSync(
    config(),
    `${text}\n${text.replace('[endpoints.ssh]', '[endpoints.second]\nprotocol = "ssh-agent"')}`,
  );
});
test.afterEach.always(() => writeFileSync(config(), configs.pop() ?? ''));

for (const {title, sets, before = ':', command = INSTALL, error, hints = [], exit = 0, clears} of mending)
  test.serial(`typed in the same shell, it lets the command go on: ${title}`, async t => {
    t.timeout(120_000);
    await sets?.();
    try {
      const refused = await types(before, command);
      t.not(refused.exitCode, 0, refused.stdout);
      t.regex(refused.stderr, error);
      const typed = printed(t, refused, hints);
      const after = await types(before, 'set -e', ...typed, 'set +e', command);
      t.is(after.exitCode, exit, `${typed.join('\n')}\n${after.stdout}${after.stderr}`);
    } finally {
      await clears?.();
    }
  });

/** The lines to type that were printed, in status or below an error, each once. */
function printed(t: ExecutionContext, {stdout, stderr}: RunResult, hints: readonly RegExp[]): string[] {
  const shown = Array.from(stdout.matchAll(/^ +type: (.*)$/gm), ([, line = '']) => line);
  const typed = [
    ...new Set([...typedHints(stderr), ...shown.filter(line => line.startsWith('wslagent install'))]),
  ];
  t.is(typed.length, hints.length, typed.join('\n'));
  for (const [index, hint] of hints.entries()) t.regex(typed[index] ?? '', hint);
  return typed;
}

test.serial('where nothing is installed, what is typed leads to an installation', async t => {
  for (const command of ['wslagent status', 'wslagent env', 'wslagent uninstall']) {
    const [first = ''] = typedHints((await types(command)).stderr);
    t.is(first, 'wslagent install --now');
  }
  // a person at a terminal is asked instead
  const unasked = await types('wslagent install --now');
  const [next = ''] = typedHints(unasked.stderr);
  t.is(next, 'wslagent install --yes --now');
  const {exitCode, stderr} = await types(next, 'wslagent env');
  t.is(exitCode, 0, stderr);
});

test.serial('a relay of one’s own is started as it is printed', async t => {
  for (const command of ['wslagent relay --target pipe:x', `wslagent relay --listen ${home('x.sock')}`]) {
    const [line = ''] = typedHints((await types(command)).stderr);
    t.regex(line, /^wslagent relay --listen /);
    const {exitCode, stderr} = await types(
      `${line} & for i in {1..100}; do test -S ~/agent.sock && break; sleep 0.1; done`,
      'test -S ~/agent.sock; ended=$?; kill %1; wait; exit $ended',
    );
    t.is(exitCode, 0, stderr);
  }
});

test.serial(
  'what was installed from a folder that is gone is installed from where wslagent is now',
  async t => {
    t.timeout(120_000);
    const old = join(twin.env.TMPDIR ?? '', "it's gone");
    mkdirSync(join(old, 'dist'), {recursive: true});
    symlinkSync(join(DIST, '../systemd'), join(old, 'systemd'));
    const library = libraryBeside(builtExe());
    for (const path of [CLI, join(DIST, 'wslagent'), builtExe(), library, join(DIST, 'SHA256SUMS')])
      cpSync(path, join(old, 'dist', basename(path)), {recursive: true});
    const installed = await twin.run('node', [join(old, 'dist/wslagent.mjs'), 'install', 'ssh', '--now']);
    t.is(installed.exitCode, 0, installed.stderr);
    rmSync(old, {recursive: true});
    const {problems} = await status();
    const gone = problems.find(({what}) => /wslagent\.mjs, which the units run, is gone$/.test(what));
    t.is(gone?.type.length, 1);
    // the launcher on PATH is of that folder
    const typed = await twin.run('bash', ['-c', `PATH=$HOME/.local/bin:$PATH\n${gone?.type[0]}`]);
    t.is(typed.exitCode, 0, typed.stderr);
    t.deepEqual((await status()).problems, []);
  },
);

/** Words of other programs in the order in which a person may type them, and what is seen of it. */
const words: [word: string, sees: RegExp][] = [
  ['start', /nothing to change|wslagent env/],
  ['doctor', /nothing is wrong/],
  ['list', /ssh/],
  ['agents', /pageant/],
  ['shell', /SSH_AUTH_SOCK/],
  ['logs', /wslagent|No entries/],
  ['restart', /^$/],
  ['stop', /^$/],
  ['version', /\d+\.\d+/],
  ['serve', /--listen/],
  ['completions', /bash/],
  ['remove', /removed/],
];

test.serial('the words of other programs lead to the lines that do it', async t => {
  await wslagent(['install', 'ssh', '--now']);
  for (const [word, sees] of words) {
    const [line = ''] = typedHints((await types(`wslagent ${word}`)).stderr);
    const {exitCode, stdout, stderr} = await types(line);
    t.is(exitCode, 0, `${word}: ${line}: ${stderr}`);
    t.regex(stdout, sees, `${word}: ${line}`);
    if (word === 'stop') t.is((await status()).state, 'not running');
  }
});

test.serial('what only shows more is understood', async t => {
  await wslagent(['install', 'ssh', '--now']);
  const path = socket('wslagent/ssh.sock');
  for (const line of [
    `SSH_AUTH_SOCK=${path} ssh-add -l`,
    `ls -l ${path}`,
    `ls -ld ${dirname(path)}`,
    `ss -xlp src ${path}`,
    'ss -xp',
    `df -h ${dirname(path)}`,
    'df -h',
    'free -h',
    'cat /proc/sys/fs/file-nr',
    'gpgconf --list-dirs',
    'gpgconf --version',
    'journalctl --user-unit=wslagent.service --lines=20',
    'systemctl --user status',
    'systemctl --user status wslagent-ssh.socket',
    'wslagent env',
    'wslagent env sh',
    'wslagent probe',
    'wslagent probe --json',
    'wslagent relay --help',
    'wslagent status',
  ]) {
    const {exitCode, stdout, stderr} = await types(line);
    t.is(exitCode, 0, `${line}: ${stderr}`);
    t.not(stdout, '', line);
  }
});

/** Errors whose hint shows more, and mends nothing. */
const looking: Pick<Row, 'title' | 'sets' | 'command' | 'error' | 'clears'>[] = [
  {title: 'usage', command: 'wslagent status --nope', error: /unknown option --nope/},
  {title: 'usage of the relay', command: 'wslagent relay ssh --spares 99', error: /--spares/},
  {title: 'usage of bench', command: "wslagent bench --socket ''", error: /--socket is empty/},
  {title: 'how long bench takes', command: 'wslagent bench ssh --seconds 99', error: /--seconds/},
  {title: 'no such socket', command: 'wslagent bench --socket /nope.sock', error: /there is no socket/},
  {
    title: 'no socket',
    sets: () => writeFileSync(home('file'), ''),
    command: 'wslagent bench --socket ~/file',
    error: /is no socket/,
    clears: () => rmSync(home('file')),
  },
  {
    title: 'a file in the place of a socket',
    sets: () => writeFileSync(home("it's"), ''),
    command: `wslagent relay --listen ~/"it's" --target pipe:x`,
    error: /exists and is no socket/,
    clears: () => rmSync(home("it's")),
  },
  {
    title: 'a file in the place of a folder',
    sets: () => writeFileSync(home('file'), ''),
    command: 'wslagent relay --listen ~/file/a.sock --target pipe:x',
    error: /is no folder/,
    clears: () => rmSync(home('file')),
  },
  {
    title: 'no place for a GnuPG socket',
    sets: () => writeFileSync(join(bin(), 'gpgconf'), '#!/bin/sh\nexit 0\n', {mode: 0o755}),
    command: 'wslagent relay gpg',
    error: /gpgconf of Linux names no place/,
    clears: () => rmSync(join(bin(), 'gpgconf')),
  },
];

for (const {title, sets, command = '', error, clears} of looking)
  test.serial(`typed in the same shell, it shows more: ${title}`, async t => {
    await sets?.();
    try {
      const refused = await types(command);
      t.regex(refused.stderr, error);
      const typed = typedHints(refused.stderr);
      t.is(typed.length, 1);
      const {exitCode, stdout, stderr} = await types(...typed);
      t.is(exitCode, 0, `${typed}: ${stderr}`);
      t.is(stderr, '');
      if (!typed[0]?.startsWith('gpgconf')) t.not(stdout, '');
    } finally {
      await clears?.();
    }
  });
