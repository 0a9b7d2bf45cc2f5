import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
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
  [['--json', 'status'], /no command is given before --json/],
  [['status', 'extra'], /unknown argument: extra\n.*wslagent status --help/],
  [['status', '--', 'extra'], /unknown argument: extra/],
  [['status', '--bogus'], /unknown option --bogus/],
  [['status', '--json=maybe'], /--json takes no argument, and got "maybe"/],
  [['relay', '--listen'], /--listen needs an argument/],
  [['relay', '--listen', '/tmp/x', '--listen', '/tmp/y', '--target', 'pipe:x'], /--listen is given twice/],
  [['relay', '--spares', 'many'], /--spares takes a number, and got "many"/],
  [['install', '--mode='], /--mode is empty/],
  [['env', 'nope'], /unknown shell "nope"; known: bash, zsh/],
  [['relay', 'nope'], /unknown endpoint "nope"\n.*ssh, gpg/],
  [['relay', 'Not A Name'], /unknown endpoint "Not A Name"\n.*lower-case letters/],
  [['relay', '--target', 'pipe:x'], /belong to --listen/],
  [['relay', '--listen', '/tmp/x.sock'], /needs a --target/],
  [['relay', 'ssh', '--listen', '/tmp/x.sock', '--target', 'pipe:x'], /no named endpoints/],
  [['relay', '--listen', '/tmp/x.sock', '--target', 'nope:x'], /unknown target "nope:x"/],
  [['relay', '--listen', '/tmp/x.sock', '--target', 'gpg:keyboxd-socket'], /passes file descriptors/],
  [['relay', 'ssh', '--spares', '99'], /from 0 to 16/],
  [['relay', 'ssh', '--max-helpers', '0'], /from 1 to 256/],
  [['relay', 'ssh', '--sharing', 'maybe'], /--sharing takes one of overflow, never, always, and got "maybe"/],
  [['probe', '--target', 'nope'], /unknown target "nope"/],
  [['install', 'nope'], /unknown endpoint "nope"/],
];
for (const [args, message] of usage) {
  test.serial(`wrong command line: wslagent ${args.join(' ')}`, async t => {
    mustFail(t, await person(t).run(args), exitCode('usage'), message);
  });
}

const words: [string, RegExp][] = [
  ['bogus', /wslagent --help/],
  ['statsu', /wslagent status/],
  ['isntall', /wslagent install/],
  ['stat', /wslagent status/],
  ['Status', /wslagent status/],
  ['doctor', /wslagent status/],
  ['check', /wslagent status/],
  ['start', /wslagent install --now/],
  ['stop', /systemctl --user stop 'wslagent-\*\.socket' wslagent\.service/],
  ['restart', /systemctl --user restart wslagent\.service/],
  ['logs', /journalctl --user -u wslagent\.service -e/],
  ['log', /journalctl --user -u wslagent\.service -e/],
  ['version', /wslagent --version/],
  ['update', /cd \S+ && git pull && npm start/],
  ['upgrade', /cd \S+ && git pull && npm start/],
  ['list', /wslagent endpoints/],
  ['keys', /ssh-add -l/],
  ['remove', /wslagent uninstall/],
];
for (const [word, hint] of words)
  test.serial(`the unknown command ${word} is named, with what to type`, async t => {
    const whole = new RegExp(`unknown command "${word}"\nwslagent: hint: ${hint.source}$`);
    mustFail(t, await person(t).run([word]), exitCode('usage'), whole);
  });

test.serial('help as a word is help', async t => {
  const {run} = person(t);
  t.is((await run(['help'])).stdout, (await run(['--help'])).stdout);
  t.is((await run(['help', 'env'])).stdout, (await run(['env', '--help'])).stdout);
});

const helpers: [string, RegExp][] = [
  ['/nowhere/helper.exe', /the helper \/nowhere\/helper\.exe does not exist/],
  ['/nowhere/helper --flag', /the helper \/nowhere\/helper does not exist/],
  ['/etc', /the helper \/etc is no file/],
  ['/etc/passwd/helper', /the helper \/etc\/passwd\/helper does not exist/],
  ['no-such-helper', /the helper no-such-helper does not exist/],
  ['/etc/passwd', /the helper \/etc\/passwd may not be executed/],
  ['/bin/false', /the helper ended before its greeting \(exit code 1\)/],
  ['/bin/cat', /the helper ended before its greeting .*probe: No such file/],
  ['/bin/echo hi', /the helper's report is not understood: hi probe/],
];
for (const [helper, message] of helpers)
  test.serial(`a wrong WSLAGENT_HELPER is to be unset: ${helper}`, async t => {
    const {exitCode, stderr, stdout} = await person(t).run(['probe'], {WSLAGENT_HELPER: helper, LANG: 'C'});
    t.is(stdout, '');
    t.regex(stderr, message);
    t.regex(stderr, /\nwslagent: hint: unset WSLAGENT_HELPER$/);
    t.true([72, 76].includes(exitCode ?? 0), String(exitCode));
  });

test.serial('a helper that does not exist ends the relay before it listens', async t => {
  const ran = await person(t).run(['relay', 'ssh'], {WSLAGENT_HELPER: '/nowhere/helper.exe'});
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

test.serial('output that nobody reads ends nothing, and a full disk below it is two lines', async t => {
  const {home} = person(t);
  const env = {PATH: process.env.PATH ?? '', HOME: home};
  const main = join(import.meta.dirname, '../../linux/main.ts');
  for (const args of ['--help', 'endpoints', 'completion bash']) {
    const run = (into: string) =>
      execa('sh', ['-c', `'${process.execPath}' '${main}' ${args} ${into}`], {
        env,
        extendEnv: false,
        reject: false,
      });
    t.like(await run('| true'), {exitCode: 0, stderr: ''}, args);
    const {exitCode, stderr} = await run('> /dev/full');
    t.is(exitCode, 1);
    t.is(
      stderr,
      'wslagent: error: what was to be written is lost: no space is left on the disk\nwslagent: hint: df -h',
    );
  }
});
