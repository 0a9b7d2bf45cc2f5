// needs: systemd, pageant, ssh
import {once} from 'node:events';
import {appendFileSync, existsSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {poll} from '../poll.ts';
import {CEILING} from './chain.ts';
import {CLI, home, socket, succeeds, twin, useInstallBed, wslagent} from './install-bed.ts';

useInstallBed(test);

const CLIENTS = 50;

/** SSH_AGENTC_REQUEST_IDENTITIES, and the number of its answer. */
const REQUEST = Buffer.of(0, 0, 0, 1, 11);
const ANSWER = 12;

/** A client whose request lies in its socket. */
async function ask(path: string): Promise<Socket> {
  const client = connect(path);
  client.on('error', () => {});
  await once(client, 'connect');
  client.end(REQUEST);
  return client;
}

/** Whether a client is answered before its connection is closed. */
async function isAnswered(client: Socket): Promise<boolean> {
  const chunks: Buffer[] = [];
  client.on('data', chunk => chunks.push(chunk));
  await (client.closed ? undefined : once(client, 'close'));
  return Buffer.concat(chunks)[4] === ANSWER;
}

async function unanswered(clients: readonly Socket[]): Promise<number> {
  return (await Promise.all(clients.map(isAnswered))).filter(answered => !answered).length;
}

const ssh = () => socket('wslagent/ssh.sock');

const kill = (signal: string) =>
  twin.run('systemctl', ['--user', 'kill', `--signal=${signal}`, '--kill-who=main', 'wslagent.service']);

test.serial(
  'a service that is told to stop loses nobody: who was not accepted is served by the next',
  async t => {
    t.timeout(300_000);
    await succeeds(t, ['install', 'ssh', '--now']);
    let lost = 0;
    for (const frozen of [false, true, false, true]) {
      t.is(await unanswered([await ask(ssh())]), 0);
      if (frozen) await kill('STOP');
      const clients = await Promise.all(Array.from({length: CLIENTS}, () => ask(ssh())));
      await kill('TERM');
      if (frozen) await kill('CONT');
      lost += await unanswered(clients);
    }
    t.is(lost, 0);
  },
);

test.serial(
  'nobody is lost who comes in the moment in which the service leaves for want of work',
  async t => {
    t.timeout(300_000);
    appendFileSync(home('.config/wslagent/config.toml'), '[relay]\nidle_exit = "1s"\n');
    await succeeds(t, ['install', 'ssh', '--now']);
    let lost = 0;
    for (let round = 0; round < 12; round++) {
      lost += await unanswered([await ask(ssh())]);
      await sleep(960 + 10 * round);
      lost += await unanswered([await ask(ssh()), await ask(ssh())]);
      // systemd bounds how often a service may start
      await sleep(1000);
    }
    t.is(lost, 0);
  },
);

test.serial('a relay in the foreground says that the service has the socket, and what to type', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  for (const running of [false, true]) {
    if (running) t.is(await unanswered([await ask(ssh())]), 0);
    const {exitCode, stderr} = await wslagent(['relay', 'ssh']);
    t.is(exitCode, 73);
    t.true(
      stderr.includes(`error: ${ssh()} is in use: the service of wslagent has it (wslagent-ssh.socket)\n`),
      stderr,
    );
    t.true(stderr.includes('hint: systemctl --user stop wslagent-ssh.socket wslagent.service\n'), stderr);
  }
  const hint = 'systemctl --user stop wslagent-ssh.socket wslagent.service';
  t.is((await twin.run('sh', ['-c', hint])).exitCode, 0);
  t.false(existsSync(ssh()));
  const relay = twin.run('timeout', ['--signal=TERM', '10', 'node', CLI, 'relay', 'ssh']);
  await poll('the relay', CEILING, () => existsSync(ssh()));
  t.is(await unanswered([await ask(ssh())]), 0);
  await relay;
});
