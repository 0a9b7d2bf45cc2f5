/** Every command, by a user without rights of root's, where a folder or file is closed to them. */
import {chmodSync, chownSync, existsSync, lstatSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {person} from './run-cli.ts';

const MAIN = join(import.meta.dirname, '../../linux/main.ts');
const IS_ROOT = process.getuid?.() === 0;
const ANOTHER_USER = 12_345;

/** Root is another user in a namespace: theirs are root's files, and their rights are the files' own. */
const AS_USER = ['--user', '--map-user=1000', '--map-group=1000', '--'];

type Env = Record<string, string>;
type Ran = {exitCode: number | undefined; stdout: string; stderr: string};

async function asUser(env: Env, command: string, args: readonly string[]): Promise<Ran> {
  const [program, words] = IS_ROOT ? ['unshare', [...AS_USER, command, ...args]] : [command, args];
  const options = {env, extendEnv: false, stdin: 'ignore', reject: false, timeout: 30_000} as const;
  const {exitCode, stdout, stderr} = await execa(program, [...words], options);
  return {exitCode, stdout, stderr};
}

const wslagent = (env: Env, args: readonly string[]) => asUser(env, process.execPath, [MAIN, ...args]);

const COMMANDS = [
  ['install'],
  ['uninstall'],
  ['status'],
  ['endpoints'],
  ['env'],
  ['probe'],
  ['bench'],
  // where nothing can listen, so that it ends
  ['relay', '--listen', '/etc/passwd/x.sock', '--target', 'pipe:x'],
];

/** Those that between them read and look at everything. */
const FEW = [['install'], ['uninstall'], ['status'], ['endpoints']];

/** A person's places, all of them there. */
function places(t: ExecutionContext) {
  const {folder, home, runtime} = person(t, {
    '.config/wslagent/config.toml': '[endpoints.ssh]\ntargets = ["pipe:x"]\n',
    '.local/state/wslagent/other': '',
    'tools/helper': '#!/bin/sh\n',
  });
  const env = {PATH: process.env.PATH ?? '', HOME: home, XDG_RUNTIME_DIR: runtime, LANG: 'C'};
  return {folder, home, runtime, env};
}

/** Runs them beside each other, and gives each outcome to `check`. */
async function all(
  env: Env,
  commands: readonly string[][],
  check: (ran: Ran, args: readonly string[]) => void,
): Promise<void> {
  await Promise.all(commands.map(async args => check(await wslagent(env, args), args)));
}

/** Two lines, and no stack; or it did not need what is closed. */
function isPlain(t: ExecutionContext, {exitCode, stdout, stderr}: Ran, args: readonly string[]): void {
  const about = `wslagent ${args.join(' ')}: ${stderr}`;
  t.not(exitCode, 70, about);
  t.notRegex(stderr, /^ +at |a bug in wslagent|Error:/m, about);
  // a report that something is wrong is an answer, too
  if (exitCode !== 0 && stdout === '')
    t.regex(stderr, /^(.* warning: .+\n)?wslagent: error: .+(\nwslagent: hint: .+)+$/, about);
}

const CLOSED: [what: string, path: string, relevant: readonly string[]][] = [
  ['the runtime folder', 'run', ['endpoints']],
  ['the state folder', 'home/.local/state/wslagent', ['install', 'uninstall', 'status', 'endpoints', 'env']],
  ['a folder above the state folder', 'home/.local', ['install', 'uninstall', 'status', 'endpoints', 'env']],
  ['the configuration folder', 'home/.config/wslagent', ['install', 'endpoints', 'bench']],
  ['the configuration file', 'home/.config/wslagent/config.toml', ['install', 'endpoints', 'bench']],
  ['a folder above both', 'home', ['install', 'uninstall', 'status', 'endpoints', 'env']],
];

for (const [what, path, relevant] of CLOSED) {
  test.serial(
    `${what} without rights: each command says it in two lines, and the line to type mends it`,
    async t => {
      const {folder, env} = places(t);
      const closed = join(folder, path);
      t.teardown(() => chmodSync(closed, 0o700));
      for (const args of COMMANDS) {
        chmodSync(closed, 0);
        const ran = await wslagent(env, args);
        isPlain(t, ran, args);
        if (!relevant.includes(args[0] ?? '') || path === 'run') continue;
        t.true(ran.stderr.includes(closed), `wslagent ${args.join(' ')}: ${ran.stderr}`);
        const [, hint = ''] = /hint: (.*)$/.exec(ran.stderr) ?? [];
        t.regex(hint, /^chmod u\+rwx? /);
        t.is((await asUser(env, 'sh', ['-c', hint])).exitCode, 0);
        t.false((await wslagent(env, args)).stderr.includes('you may not use'));
      }
    },
  );

  if (IS_ROOT && !path.startsWith('home/.config'))
    test.serial(`${what} of another user: each command says it in two lines`, async t => {
      const {folder, env} = places(t);
      const closed = join(folder, path);
      chmodSync(closed, 0o700);
      chownSync(closed, ANOTHER_USER, ANOTHER_USER);
      await all(env, COMMANDS, (ran, args) => {
        isPlain(t, ran, args);
        if (!relevant.includes(args[0] ?? '')) return;
        t.true(ran.stderr.includes(closed) || path === 'run', `wslagent ${args.join(' ')}: ${ran.stderr}`);
        if (ran.exitCode !== 0)
          t.regex(
            ran.stderr,
            /hint: (sudo chown -R|ls -ld|export XDG_RUNTIME_DIR|write systemd=true|sudo systemctl restart)/,
          );
      });
    });
}

test.serial('a helper in a closed folder is to be unset', async t => {
  const {home, env} = places(t);
  const tools = join(home, 'tools');
  t.teardown(() => chmodSync(tools, 0o700));
  chmodSync(tools, 0);
  for (const helper of [join(tools, 'helper'), `${join(tools, 'helper')} --flag`])
    await all({...env, WSLAGENT_HELPER: helper}, COMMANDS, (ran, args) => {
      isPlain(t, ran, args);
      if (['probe', 'relay'].includes(args[0] ?? '')) t.regex(ran.stderr, /hint: unset WSLAGENT_HELPER$/);
    });
});

for (const path of [
  'run',
  'home',
  'home/.config',
  'home/.config/wslagent',
  'home/.local/state',
  'home/.local/state/wslagent',
])
  test.serial(`a file in the place of the folder ${path}`, async t => {
    const {folder, env} = places(t);
    rmSync(join(folder, path), {recursive: true});
    writeFileSync(join(folder, path), '');
    await all(env, FEW, (ran, args) => isPlain(t, ran, args));
    // the teardown of the person's folders takes it away
    t.true(lstatSync(join(folder, path)).isFile());
  });

test.serial('no home, no runtime folder, a link that leads to itself', async t => {
  const {folder, home, env} = places(t);
  for (const changed of [
    {HOME: join(folder, 'none')},
    {XDG_RUNTIME_DIR: join(folder, 'none')},
    {XDG_STATE_HOME: '/proc/1/root/x'},
    {XDG_CONFIG_HOME: `/${'x'.repeat(300)}`},
  ])
    await all({...env, ...changed}, FEW, (ran, args) => isPlain(t, ran, args));
  const state = join(home, '.local/state/wslagent');
  rmSync(state, {recursive: true});
  await execa('ln', ['-s', 'wslagent', state]);
  await all(env, FEW, (ran, args) => isPlain(t, ran, args));
});

test.serial('few descriptors', async t => {
  const {env} = places(t);
  for (const args of FEW) {
    const limited = ['-c', 'ulimit -n 24; exec "$0" "$@"', process.execPath, MAIN, ...args];
    const ran = await asUser(env, 'sh', limited);
    isPlain(t, ran, args);
    t.notRegex(ran.stderr, /wsl\.conf/, 'nothing is wrong with systemd');
  }
});

/** What a person of these rights gets wrong, and the line that mends it, typed in the same shell. */
const mended: [what: string, wrong: string, error: RegExp, line: RegExp][] = [
  ['a closed folder', 'chmod 0 ~/.config/wslagent', /you may not use/, /^chmod u\+rwx \S+$/],
  ['a closed file', 'chmod 0 ~/.config/wslagent/config.toml', /you may not use/, /^chmod u\+rw \S+$/],
  [
    'a closed place that a variable names',
    'export XDG_CONFIG_HOME=/proc/1/root/x',
    /which/,
    /^unset XDG_CONFIG_HOME$/,
  ],
];

for (const [what, wrong, error, line] of mended)
  test.serial(`typed in the same shell, the line mends: ${what}`, async t => {
    const {env} = places(t);
    const command = `'${process.execPath}' '${MAIN}' endpoints && '${process.execPath}' '${MAIN}' env`;
    const refused = await asUser(env, 'bash', ['-c', `${wrong}\n${command}`]);
    t.regex(refused.stderr, error);
    const hint = /^wslagent: hint: (.*)$/m.exec(refused.stderr)?.[1] ?? '';
    t.regex(hint, line);
    const {stderr} = await asUser(env, 'bash', ['-c', `${hint}\n${command}`]);
    t.regex(stderr, /^wslagent: error: wslagent is not installed\n/);
  });

test.serial('a relay makes its folder, or says why not', async t => {
  const {folder, env} = places(t);
  const closed = join(folder, 'closed');
  mkdirSync(closed, {mode: 0o500});
  const args = ['relay', '--listen', join(closed, 'in/x.sock'), '--target', 'pipe:x'];
  const ran = await wslagent(env, args);
  isPlain(t, ran, args);
  t.is(ran.exitCode, 73);
  t.false(existsSync(dirname(args[2] ?? '')));
});
