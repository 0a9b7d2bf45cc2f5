import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {exitCode} from '../../shared/exit-codes.ts';
import {VERSION} from '../../shared/version.ts';
import {mustFail, person} from './run-cli.ts';

const commands = readdirSync(join(import.meta.dirname, '../../linux/commands')).map(name =>
  name.replace(/\.ts$/, ''),
);

for (const command of commands) {
  test.serial(`wslagent ${command} --help ends in an example that begins with its name`, async t => {
    const {stdout, stderr, exitCode} = await person(t).run([command, '--help']);
    t.is(exitCode, 0);
    t.is(stderr, '');
    t.true(stdout.startsWith(`wslagent ${command}`));
    const [, examples = ''] = stdout.split('\nExamples:\n');
    t.regex(examples, new RegExp(`^ +(eval "\\$\\()?wslagent ${command}`));
  });
}

test.serial('help lists every command, and the version is ours', async t => {
  const {run} = person(t);
  const {stdout} = await run(['--help']);
  for (const command of commands) t.true(stdout.includes(`wslagent ${command} `), command);
  t.is((await run(['--version'])).stdout, `wslagent ${VERSION}`);
});

const usage: [string[], RegExp][] = [
  [[], /no command is given/],
  [['bogus'], /unknown command: bogus/],
  [['status', 'extra'], /unknown command: extra|unknown argument: extra/],
  [['status', '--bogus'], /unknown argument: bogus/],
  [['relay', 'nope'], /unknown endpoint "nope"\n.*ssh, gpg/],
  [['relay', 'Not A Name'], /unknown endpoint "Not A Name"\n.*lower-case letters/],
  [['relay', '--target', 'pipe:x'], /belong to --listen/],
  [['relay', '--listen', '/tmp/x.sock'], /needs a --target/],
  [['relay', 'ssh', '--listen', '/tmp/x.sock', '--target', 'pipe:x'], /no named endpoints/],
  [['relay', '--listen', '/tmp/x.sock', '--target', 'nope:x'], /unknown target "nope:x"/],
  [['relay', '--listen', '/tmp/x.sock', '--target', 'gpg:keyboxd-socket'], /passes file descriptors/],
  [['relay', 'ssh', '--spares', '99'], /from 0 to 16/],
  [['relay', 'ssh', '--max-helpers', '0'], /from 1 to 256/],
  [['relay', 'ssh', '--sharing', 'maybe'], /Choices: "overflow", "never", "always"/],
  [['probe', '--target', 'nope'], /unknown target "nope"/],
  [['install', 'nope'], /unknown endpoint "nope"/],
];
for (const [args, message] of usage) {
  test.serial(`wrong command line: wslagent ${args.join(' ')}`, async t => {
    mustFail(t, await person(t).run(args), exitCode('usage'), message);
  });
}

test.serial('no XDG_RUNTIME_DIR, or a relative one, is one clear error', async t => {
  const {run} = person(t);
  mustFail(
    t,
    await run(['relay', 'ssh'], {XDG_RUNTIME_DIR: undefined}),
    1,
    /XDG_RUNTIME_DIR is not set\n.*: export XDG_RUNTIME_DIR=\/run\/user\/\$\(id -u\)$/,
  );
  mustFail(t, await run(['relay', 'ssh'], {XDG_RUNTIME_DIR: 'run'}), 1, /XDG_RUNTIME_DIR is "run"/);
});

test.serial('a helper that does not exist is named, with what names it', async t => {
  const {run} = person(t);
  const ran = await run(['relay', 'ssh'], {WSLAGENT_HELPER: '/nowhere/helper.exe'});
  mustFail(t, ran, exitCode('interop'), /\/nowhere\/helper\.exe does not exist\n.*unset WSLAGENT_HELPER/);
});

test.serial('endpoints lists each with its socket, also where the Linux side lacks GnuPG', async t => {
  const {run, runtime} = person(t, {
    '.config/wslagent/config.toml': '[endpoints.work]\ntargets = ["pipe:work"]\n',
  });
  const {stdout} = await run(['endpoints', '--json'], {PATH: '/nowhere'});
  const listed = JSON.parse(stdout) as {
    name: string;
    listen: string | null;
    obstacle?: string;
    protocol: string;
  }[];
  t.deepEqual(
    listed.map(({name}) => name),
    ['ssh', 'gpg', 'gpg-ssh', 'gpg-extra', 'gpg-browser', 'scdaemon', 'pageant', 'work'],
  );
  t.is(listed[0]?.listen, join(runtime, 'wslagent', 'ssh.sock'));
  t.is(listed[1]?.listen, null);
  t.regex(listed[1]?.obstacle ?? '', /gpgconf is not installed/);
  t.is(listed[6]?.protocol, 'ssh-agent');
  t.is(listed[7]?.protocol, 'raw');
  t.regex(
    (await run(['endpoints'])).stdout,
    /work +from the configuration file\n +\/.*work\.sock {2}-> {2}pipe:work {2}\(raw\)/,
  );
});
