import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type {AgentReport, ProbeReport} from '../../shared/probe.ts';
import {PROTOCOL_VERSION} from '../../shared/protocol/greeting.ts';
import {VERSION} from '../../shared/version.ts';
import {isRunning} from '../is-running.ts';
import {AssuanDouble, script, sshAgent} from './agents.ts';
import {message, outcome, startAgent, startHelper, type Teardown, tempFolder, until} from './harness.ts';

async function probe(t: Teardown, args: string[], env: NodeJS.ProcessEnv): Promise<ProbeReport> {
  const {code, stdout, stderr} = await outcome(startHelper(t, ['probe', ...args], env));
  if (code !== 0 || stderr !== '') throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout.toString());
}

/** The report without what differs each time. */
function stable({elapsed, ...rest}: AgentReport): Omit<AgentReport, 'elapsed'> & {quick: boolean} {
  return {...rest, quick: elapsed < 10_000};
}

test.serial('what is asked for is described, and the key count is all that is told of keys', async t => {
  const folder = await tempFolder(t);
  const keys = message(12, Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.from('secret key bytes')]));
  await startAgent(
    t,
    path.join(folder, 'keys'),
    sshAgent((_request, socket) => socket.write(keys)),
  );
  await startAgent(
    t,
    path.join(folder, 'locked'),
    sshAgent((_request, socket) => socket.write(message(5))),
  );
  await startAgent(t, path.join(folder, 'mute'), () => {});
  await startAgent(
    t,
    path.join(folder, 'closing'),
    sshAgent((_request, socket) => socket.destroy()),
  );
  const names = ['keys', 'locked', 'mute', 'closing', 'absent'];
  const targets = [...names.map(name => `pipe:${name}`)].flatMap(target => ['--target', target]);
  const report = await probe(t, targets, {WSLAGENT_PIPES: folder, PATH: folder});
  const common = {protocol: 'ssh-agent', foundBy: 'asked', quick: true} as const;
  t.deepEqual(report.agents.map(stable), [
    {...common, target: 'pipe:keys', state: 'answers', detail: `${folder}/keys`, keys: 3},
    {...common, target: 'pipe:locked', state: 'answers', detail: `${folder}/locked (lists no keys: locked?)`},
    {...common, target: 'pipe:mute', state: 'silent', detail: `${folder}/mute did not answer within 2 s`},
    {
      ...common,
      target: 'pipe:closing',
      state: 'agentClosed',
      detail: `${folder}/closing closed the connection without an answer`,
    },
    {
      ...common,
      target: 'pipe:absent',
      state: 'absent',
      detail: `pipe ${folder}/absent does not exist`,
      hint: 'start the agent that owns the pipe\nwslagent probe',
    },
  ]);
  t.is(report.version, VERSION);
  t.is(report.protocol, PROTOCOL_VERSION);
  t.is(report.gnupg, null);
});

test.serial('a GnuPG socket answers with its greeting; a silent one is found out in time', async t => {
  const folder = await tempFolder(t);
  const alive = path.join(folder, 'alive');
  const silent = path.join(folder, 'silent');
  const double = await AssuanDouble.start(t, alive, socket => socket.write('OK hello\n'));
  await AssuanDouble.start(t, silent, () => {});
  const args = ['--protocol', 'assuan', '--target', `assuan:${alive}`, `--target=assuan:${silent}`];
  const report = await probe(t, args, {PATH: folder});
  const common = {protocol: 'assuan', foundBy: 'asked', quick: true} as const;
  t.deepEqual(report.agents.map(stable), [
    {...common, target: `assuan:${alive}`, state: 'answers', detail: `${alive} (port ${double.port})`},
    {
      ...common,
      target: `assuan:${silent}`,
      state: 'silent',
      detail: `assuan:${silent} did not answer within 2 s`,
    },
  ]);
});

test.serial('GnuPG is described and not started', async t => {
  const folder = await tempFolder(t);
  const home = await tempFolder(t);
  const report = await probe(t, [], {WSLAGENT_PIPES: folder, GNUPGHOME: home});
  t.regex(report.gnupg?.version ?? '', /^2\./);
  t.is(report.gnupg?.homedir, home);
  t.false(report.gnupg?.sockets['agent-socket'].exists);
  t.deepEqual(
    report.agents.map(({target, state}) => [target, state]),
    [['pipe:openssh-ssh-agent', 'absent']],
  );
});

test.serial('a GnuPG that is asked for is not started either', async t => {
  const folder = await tempFolder(t);
  const log = path.join(folder, 'log');
  await script(
    folder,
    'gpgconf',
    `echo "$1" >> '${log}'; [ "$1" = --list-dirs ] && echo 'agent-socket:${folder}/S.gpg-agent'`,
  );
  const args = ['--protocol', 'assuan', '--target', 'gpg:agent-socket'];
  const report = await probe(t, args, {PATH: folder});
  t.deepEqual(
    report.agents.map(({state}) => state),
    ['absent'],
  );
  t.notRegex(await fs.readFile(log, 'utf8'), /launch/);
});

test.serial('a gpgconf that hangs does not hang the probe, and does not outlive it', async t => {
  const folder = await tempFolder(t);
  const pidFile = path.join(folder, 'pid');
  await script(folder, 'gpgconf', `echo $$ > '${pidFile}'; exec /bin/sleep 60`);
  const report = await probe(t, [], {WSLAGENT_PIPES: folder, PATH: folder});
  t.is(report.gnupg, null);
  const pid = Number(await fs.readFile(pidFile, 'utf8'));
  await until(() => !isRunning(pid), 'its end');
});
