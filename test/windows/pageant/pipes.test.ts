import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {AgentReport, ProbeReport} from '../../../shared/probe.ts';
import {pageantBlock, pageantPipeName} from '../../../windows/pageant/pipe-name.ts';
import {sshAgent} from '../agents.ts';
import {message, outcome, startAgent, startHelper, type Teardown, tempFolder} from '../harness.ts';

const USER = os.userInfo().username;
const COMPUTED = pageantPipeName(USER, pageantBlock());
const LISTED = `pageant.${USER}.${'0'.repeat(64)}`;

/** A folder with pipes, and a home with a .ssh folder. On Linux a pipe is a Unix socket. */
async function machine(
  t: Teardown,
): Promise<{pipes: string; home: string; ssh: string; env: NodeJS.ProcessEnv}> {
  const pipes = await tempFolder(t);
  const home = await tempFolder(t);
  const ssh = path.join(home, '.ssh');
  await fs.mkdir(ssh);
  return {pipes, home, ssh, env: {WSLAGENT_PIPES: pipes, HOME: home, PATH: pipes}};
}

/** An agent that has this many keys. */
async function agent(t: Teardown, socket: string, keys: number): Promise<void> {
  const answer = message(12, Buffer.from([0, 0, 0, keys]));
  await startAgent(
    t,
    socket,
    sshAgent((_request, client) => client.write(answer)),
  );
}

async function ask(
  t: Teardown,
  target: string,
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<AgentReport> {
  const helper = startHelper(t, ['probe', '--target', target, ...args], env);
  const {code, stdout, stderr} = await outcome(helper);
  if (code !== 0) throw new Error(stderr);
  const report: ProbeReport = JSON.parse(stdout.toString());
  const [first] = report.agents;
  if (first === undefined) throw new Error('no report');
  return first;
}

test.serial('the pipe with the computed name comes first, then the file, then the list', async t => {
  const {pipes, ssh, env} = await machine(t);
  const listed = path.join(pipes, LISTED);
  await agent(t, listed, 3);
  for (const target of ['pageant', 'pageant:pipe'])
    t.like(await ask(t, target, env), {state: 'answers', detail: listed, keys: 3});
  await agent(t, path.join(pipes, 'from-file'), 2);
  await fs.writeFile(path.join(ssh, 'pageant.conf'), 'IdentityAgent "//./pipe/from-file"\n');
  t.like(await ask(t, 'pageant', env), {state: 'answers', detail: path.join(pipes, 'from-file'), keys: 2});
  await agent(t, path.join(pipes, COMPUTED), 1);
  t.like(await ask(t, 'pageant', env), {state: 'answers', detail: path.join(pipes, COMPUTED), keys: 1});
});

test.serial('of several in the list, one that nobody serves does not hide another', async t => {
  const {pipes, env} = await machine(t);
  await fs.writeFile(path.join(pipes, LISTED), 'no pipe');
  const other = path.join(pipes, `pageant.${USER}.${'1'.repeat(64)}`);
  await agent(t, other, 1);
  t.like(await ask(t, 'pageant:pipe', env), {state: 'answers', detail: other});
  await agent(t, path.join(pipes, `pageant.somebody.${'0'.repeat(64)}`), 1);
  await fs.rm(other);
  t.like(await ask(t, 'pageant:pipe', env), {
    state: 'refused',
    detail: `nobody listens on pipe ${path.join(pipes, LISTED)}`,
  });
});

test.serial('without any, one failure says what was looked for and what to do', async t => {
  const {pipes, env} = await machine(t);
  const pipe = await ask(t, 'pageant:pipe', env);
  t.is(pipe.state, 'absent');
  t.is(pipe.detail, `Pageant has no pipe: tried ${path.join(pipes, COMPUTED)}`);
  t.regex(pipe.hint ?? '', /start Pageant .*pageant:window/);
  const window = await ask(t, 'pageant:window', env);
  t.is(window.state, 'absent');
  t.is(window.detail, "no program has Pageant's window");
  const any = await ask(t, 'pageant', env);
  t.is(any.state, 'absent');
  t.is(any.detail, `${pipe.detail}; ${window.detail}`);
  t.is(any.hint, window.hint);
});

test.serial('a window is no stream', async t => {
  const {env} = await machine(t);
  for (const protocol of ['raw', 'assuan']) {
    const {state, detail, hint} = await ask(t, 'pageant:window', env, '--protocol', protocol);
    t.is(state, 'badTarget');
    t.is(
      detail,
      `Pageant's window takes whole ssh-agent requests and has no stream for the ${protocol} protocol`,
    );
    t.regex(hint ?? '', /protocol = "ssh-agent"/);
  }
});

test.serial('a file that is named: both formats, and everything that can be wrong with it', async t => {
  const {pipes, home, env} = await machine(t);
  await agent(t, path.join(pipes, 'mine'), 1);
  const file = path.join(home, 'a config.txt');
  const look = () => ask(t, `pageant:${file}`, env);
  const put = (text: string) => fs.writeFile(file, text);
  for (const text of ['IdentityAgent "//./pipe/mine"\n', 'IdentityAgent \\\\.\\pipe\\mine\r\n']) {
    await put(text);
    t.like(await look(), {state: 'answers', detail: path.join(pipes, 'mine'), keys: 1}, text);
  }
  const again = `on windows: pageant.exe --openssh-config "${file}"`;
  await put('IdentityAgent "//./pipe/gone"\n');
  t.like(await look(), {
    state: 'absent',
    detail: `${file} names pipe ${path.join(pipes, 'gone')}, which does not exist: the Pageant that wrote it has ended`,
    hint: again,
  });
  await put('');
  t.like(await look(), {
    state: 'absent',
    detail: `${file} is empty: the Pageant that wrote it has exited`,
    hint: again,
  });
  await fs.rm(file);
  t.like(await look(), {state: 'absent', detail: `${file} does not exist`, hint: again});
  // a key, say: Pageant must not be told to write over it
  const hint = 'name a file that pageant.exe --openssh-config wrote, or just: pageant';
  await put('PuTTY-User-Key-File-3: ssh-ed25519\n');
  t.like(await look(), {
    state: 'badTarget',
    detail: `${file} has no IdentityAgent line that names a pipe of windows`,
    hint,
  });
  await put(`IdentityAgent "//./pipe/mine"\n${'#'.repeat(64 * 1024)}`);
  t.like(await look(), {state: 'badTarget', detail: `${file} is longer than 64 KiB`, hint});
  t.like(await ask(t, `pageant:${home}/`, env), {
    state: 'badTarget',
    detail: `${home}/ is no file that can be read: ENOTFILE`,
    hint,
  });
});
