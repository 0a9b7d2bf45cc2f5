import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {exitCode} from '../../../shared/exit-codes.ts';
import {poll} from '../../twin/poll.ts';
import {mustFail, person} from '../run-cli.ts';
import {type Answerer, FAILURE, identities, lists, testAgent} from './agent.ts';
import {parseReport, REPORT_FIELDS} from './report-shape.ts';

const CEILING = 20_000;
const MAIN = join(import.meta.dirname, '../../../linux/main.ts');
const SHORT = ['--seconds', '1'];

test.serial(
  'the report for scripts: everything was asked and answered, and the requests were harmless',
  async t => {
    const agent = await testAgent(t);
    const {stdout, stderr, exitCode} = await person(t).run(['bench', '--socket', agent.path, '--json']);
    t.is(stderr, '');
    t.is(exitCode, 0);
    const {sockets} = parseReport(stdout);
    const [report] = sockets;
    if (report === undefined) return t.fail();
    t.is(sockets.length, 1);
    t.deepEqual([report.endpoint, report.socket, report.keys], [null, agent.path, 2]);
    t.deepEqual([report.failures, report.reasons], [0, []]);
    t.is(report.second.failures + report.warm.failures, 0);
    t.deepEqual(
      report.throughput.map(({connections}) => connections),
      [1, 8],
    );
    t.deepEqual(
      report.bursts.slice(0, 3).map(({connections, failures}) => [connections, failures]),
      [
        [1, 0],
        [5, 0],
        [20, 0],
      ],
    );
    t.is(report.held[0]?.connections, 20);
    t.is(report.memory?.pid, process.pid);
    t.is(report.held[0]?.memory?.pid, process.pid);
    t.deepEqual([...agent.requests], ['000000010b']);
    await poll('all connections to be closed', CEILING, () => agent.open() === 0);
  },
);

test.serial('the page on JSON names every field', t => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/json.md'), 'utf8');
  const [, part = ''] = page.split('## `wslagent bench --json`');
  for (const field of REPORT_FIELDS) t.true(part.includes(`\`${field}`), field);
});

test.serial('an endpoint beside a socket, for people', async t => {
  const [agent, other] = [await testAgent(t), await testAgent(t)];
  const {run} = person(t, {
    '.config/wslagent/config.toml': `[endpoints.work]\ntargets = ["pipe:work"]\nprotocol = "ssh-agent"\nlisten = "${agent.path}"\n`,
  });
  const {stdout, stderr, exitCode} = await run(['bench', 'work', '--socket', other.path, ...SHORT]);
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.true(stdout.startsWith(`A  work, ${agent.path}, 2 keys\nB  ${other.path}, 2 keys\n\n`));
  t.regex(stdout, /\nvery first answer +\S+ ms +\S+ ms \(\S+×\)\n/);
  t.regex(stdout, /\nA: all \d+ requests were answered\n/);
  t.regex(stdout, /\nB: all \d+ requests were answered\n/);
});

test.serial('requests that were not answered are counted and named, and show in the exit code', async t => {
  const agent = await testAgent(t, (socket, connection, request) =>
    connection % 10 === 9 ? socket.destroy() : lists(socket, connection, request),
  );
  const ran = await person(t).run(['bench', '--socket', agent.path, '--json', ...SHORT]);
  t.is(ran.exitCode, exitCode('failure'));
  const [report] = parseReport(ran.stdout).sockets;
  t.true((report?.failures ?? 0) > 0);
  t.deepEqual(report?.reasons, ['the connection was closed without an answer']);
});

test.serial('a crowd is not sent where each connection is slow', async t => {
  const agent = await testAgent(t, socket => void setTimeout(() => socket.write(identities(0)), 30));
  const {stdout} = await person(t).run(['bench', '--socket', agent.path, '--json', ...SHORT]);
  const [report] = parseReport(stdout).sockets;
  t.regex(report?.leftOut[0] ?? '', /^more than 20 connections: a new one takes \d+ ms/);
  t.true([...(report?.bursts ?? []), ...(report?.held ?? [])].every(({connections}) => connections <= 20));
});

const FAULTS: [what: string, answer: Answerer, exit: number, message: RegExp][] = [
  [
    'that fails',
    socket => void socket.write(FAILURE),
    exitCode('unavailable'),
    /it is locked, or cannot be reached\n.*ssh-add -l/,
  ],
  [
    'that closes',
    socket => void socket.destroy(),
    exitCode('unavailable'),
    /closed without an answer\n.*ssh-add -l/,
  ],
  [
    'that is none',
    socket => void socket.write('HTTP/1.1 400\r\n\r\n'),
    exitCode('unavailable'),
    /is no ssh agent: a message is longer than/,
  ],
  ['that says nothing', () => {}, exitCode('unavailable'), /no answer within 11 s\n.*ssh-add -l/],
];
for (const [what, answer, exit, message] of FAULTS)
  test.serial(`an agent ${what} is one error, and is asked once`, async t => {
    const agent = await testAgent(t, answer);
    mustFail(t, await person(t).run(['bench', '--socket', agent.path, ...SHORT]), exit, message);
    t.is(agent.connections(), 1);
  });

test.serial('an endpoint that is locked or silent has another hint', async t => {
  const agent = await testAgent(t, socket => void socket.write(FAILURE));
  const {run} = person(t, {
    '.config/wslagent/config.toml': `[endpoints.ssh]\nlisten = "${agent.path}"\n`,
  });
  mustFail(
    t,
    await run(['bench']),
    exitCode('unavailable'),
    /SSH_AGENT_FAILURE: .*\n.*unlock the agent on Windows.*\n.*wslagent probe/,
  );
});

test.serial('sockets that are not there', async t => {
  const {run, home, runtime} = person(t);
  mustFail(
    t,
    await run(['bench']),
    exitCode('notRunning'),
    /endpoint "ssh" is not installed: there is no socket \/.*\n.*wslagent install ssh --now/,
  );
  mustFail(
    t,
    await run(['bench', '--socket', join(home, 's')]),
    exitCode('notRunning'),
    /there is no socket \/.*\/s\n/,
  );
  writeFileSync(join(home, 'file'), '');
  mustFail(t, await run(['bench', '--socket', join(home, 'file')]), 1, /file is no socket\n/);
  // a process that died leaves its socket
  const dead = join(runtime, 's');
  const code = `require('node:net').createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', code]), 'exit');
  mustFail(t, await run(['bench', '--socket', dead]), exitCode('notRunning'), /nobody listens on /);
});

test.serial('one of two that cannot be measured is told before the other is', async t => {
  const agent = await testAgent(t);
  const {run, home} = person(t);
  mustFail(
    t,
    await run(['bench', '--socket', agent.path, '--socket', join(home, 's')]),
    exitCode('notRunning'),
    /there is no socket/,
  );
  t.is(agent.connections(), 1);
});

const USAGE: [string[], RegExp][] = [
  [['gpg'], /endpoint "gpg" has the protocol assuan, .*\n.*one of: ssh, gpg-ssh, pageant$/],
  [['nope'], /unknown endpoint "nope"/],
  [['--socket', ''], /--socket is empty/],
  [['--seconds', '0'], /--seconds is a number from 1 to 60/],
  [['--seconds', 'x'], /--seconds takes a number, and got "x"/],
  [Array.from({length: 5}, () => ['--socket', '/s']).flat(), /more than 4 sockets/],
];
for (const [args, message] of USAGE)
  test.serial(`wrong command line: wslagent bench ${args.join(' ')}`, async t => {
    mustFail(t, await person(t).run(['bench', ...args]), exitCode('usage'), message);
  });

test.serial('a raw endpoint is refused with its protocol', async t => {
  const {run} = person(t, {
    '.config/wslagent/config.toml': '[endpoints.docker]\ntargets = ["pipe:docker_engine"]\n',
  });
  mustFail(t, await run(['bench', 'docker']), exitCode('usage'), /"docker" has the protocol raw/);
});

test.serial('Ctrl-C ends it by its signal, with nothing printed and no connection left', async t => {
  const agent = await testAgent(t);
  const child = spawn(process.execPath, [MAIN, 'bench', '--socket', agent.path, '--seconds', '60'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text));
  await poll('it to measure', CEILING, () => agent.connections() > 1);
  child.kill('SIGINT');
  const [, signal] = await once(child, 'close');
  t.is(signal, 'SIGINT');
  t.is(said, '');
  await poll('all connections to be closed', CEILING, () => agent.open() === 0);
});
