import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {poll} from './poll.ts';
import {newMark, processesWith} from './processes.ts';
import {findProgram} from './programs.ts';
import {type RunOptions, run} from './run.ts';

// namespaces nest: these run inside a twin as well as outside
const enter = fileURLToPath(new URL('enter.ts', import.meta.url));
const registration = '/proc/sys/fs/binfmt_misc/WSLInterop';
const env = {PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/'};

const inside = (script: string, options?: RunOptions) =>
  run(process.execPath, [enter, '--', 'sh', '-c', script], env, options);

function start(script: string): ChildProcess & {output: () => string} {
  const child = spawn(process.execPath, [enter, '--', 'sh', '-c', script], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let output = '';
  child.stdout?.on('data', chunk => {
    output += chunk;
  });
  return Object.assign(child, {output: () => output});
}

test('exit code, arguments, stdin, stdout and stderr pass through', async t => {
  t.deepEqual(await inside('cat; echo err >&2; exit 7', {input: 'in\n'}), {
    exitCode: 7,
    stdout: 'in\n',
    stderr: 'err\n',
  });
  t.is((await inside('kill -KILL $$')).exitCode, 137);
  const words = ['--', 'printf', '<%s>', 'two words', '', '$HOME', '*'];
  const {stdout} = await run(process.execPath, [enter, ...words], env);
  t.is(stdout, '<two words><><$HOME><*>');
});

test('a command that is not there, and none at all, are errors', async t => {
  t.is((await run(process.execPath, [enter, '--', '/nonexistent'], env)).exitCode, 127);
  t.deepEqual(await run(process.execPath, [enter, '--'], env), {
    exitCode: 2,
    stdout: '',
    stderr: 'usage: node test/twin/enter.ts [--] command [argument…]\n',
  });
});

test('the command runs as the same user, in a private /run, with MZ registered as in WSL', async t => {
  const {stdout} = await inside(
    `id -u; id -g; cat ${registration}; stat -c %a /run/user/$(id -u); ls /run/user`,
  );
  const [uid, gid, enabled, interpreter, ...rest] = stdout.trim().split('\n');
  t.is(uid, String(process.getuid?.()));
  t.is(gid, String(process.getgid?.()));
  t.is(enabled, 'enabled');
  t.is(interpreter, 'interpreter /run/wslagent-twin/init');
  t.true(rest.includes('magic 4d5a'));
  t.deepEqual(rest.slice(-2), ['700', uid]);
});

test('the command inherits no descriptor and ignores no signal', async t => {
  const script = 'ls /proc/self/fd; grep SigIgn /proc/self/status';
  const {stdout} = await inside(script);
  t.is(stdout, (await run('sh', ['-c', script], env)).stdout);
  t.regex(stdout, /SigIgn:\s+0+\n$/);
});

test('what the command reads is not made non-blocking: cat would stop before the end', async t => {
  const script = 'grep flags: /proc/self/fdinfo/0';
  const {stdout} = await run('sh', ['-c', script], env, {input: 'in'});
  t.is((await inside(script, {input: 'in'})).stdout, stdout);
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) {
  test(`${signal} reaches the command`, async t => {
    const child = start(
      `trap 'echo got it; exit 5' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`,
    );
    await poll('the command', 20_000, () => child.output() === 'ready\n');
    child.kill(signal);
    t.deepEqual(await once(child, 'close'), [5, null]);
    t.is(child.output(), 'ready\ngot it\n');
  });
}

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  test(`${signal} to the whole process group is the command's to deal with, and a crash later still cleans up`, async t => {
    const mark = newMark();
    const child = start(`trap 'echo got it' ${signal.slice(3)}; exec 2>/dev/null; echo ready
      while :; do sleep 0.05; [ ! -e /proc/1/${mark} ]; done`);
    await poll('the command', 20_000, () => child.output() === 'ready\n');
    process.kill(-(child.pid ?? 0), signal);
    await poll('its answer', 20_000, () => child.output().startsWith('ready\ngot it\n'));
    t.true(processesWith(mark).length > 0);
    child.kill('SIGKILL');
    await poll('everything inside to end', 20_000, () => processesWith(mark).length === 0);
  });
}

test('orphans are reaped', async t => {
  const script = `orphan=$(sh -c 'sleep 0.01 >/dev/null & echo $!')
    for try in $(seq 200); do [ -e /proc/$orphan ] || { echo gone; exit; }; sleep 0.05; done`;
  t.is((await inside(script)).stdout, 'gone\n');
});

test('what the command leaves behind ends with it', async t => {
  const mark = newMark();
  const {exitCode} = await inside(`setsid sleep 1000.${mark} & sleep 0.05`);
  t.is(exitCode, 0);
  t.deepEqual(processesWith(mark), []);
});

/** `enter.ts` itself, or the process that it waits for. */
const victims: Record<string, (child: ChildProcess) => number> = {
  'enter.ts': child => child.pid ?? 0,
  unshare: child => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()),
};

for (const [victim, find] of Object.entries(victims)) {
  test(`nothing is left when ${victim} is killed`, async t => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const mark = newMark();
    const child = start(
      `setsid sleep 1000.${mark} & sh -c 'trap "" TERM INT HUP; sleep 2000.${mark}' & echo ready; wait`,
    );
    await poll('the command', 20_000, () => child.output() === 'ready\n');
    t.true(processesWith(mark).length >= 3);
    const exited = once(child, 'close');
    process.kill(find(child), 'SIGKILL');
    await exited;
    await poll('everything inside to end', 20_000, () => processesWith(mark).length === 0);
    t.is(readFileSync('/proc/self/mountinfo', 'utf8'), mounts);
    // a cgroup cannot go by itself: the next one to enter removes it
    await inside('true');
    const cgroups = existsSync('/sys/fs/cgroup/cgroup.procs') ? readdirSync('/sys/fs/cgroup') : [];
    t.false(cgroups.includes(`wslagent-twin-${child.pid}`));
  });
}

test('two side by side do not see each other', async t => {
  const away = start(
    `echo -1 >${registration}; echo >/run/mine; [ ! -e ${registration} ] && echo ready; sleep 1000`,
  );
  await poll('the first', 20_000, () => away.output() === 'ready\n');
  const {stdout} = await inside(`head -n 1 ${registration}; ls /run/mine; ls -d /proc/[0-9]* | wc -l`);
  t.regex(stdout, /^enabled\n\d\n$/);
  away.kill('SIGTERM');
  await once(away, 'close');
});

test('wine is found by its absolute path', t => {
  t.regex(findProgram('wine') ?? '', /^\/.*\/wine$/);
  t.is(findProgram('no-such-program'), undefined);
});
