// needs: systemd, pageant
/** What the kernel would write of our processes, where it hands a dump to a program as in WSL: core(5). */
import {readFileSync} from 'node:fs';
import test from 'ava';
import {REQUEST_IDENTITIES} from './agent-messages.ts';
import {chainFor, helperProcesses} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {socket, status, succeeds, twin, useInstallBed} from './install-bed.ts';

useInstallBed(test);

const sshSocket = () => socket('wslagent/ssh.sock');

/** Soft and hard limit, in bytes. */
function limits(pid: number): string | undefined {
  return /^Max core file size +(\S+ +\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
}

/** The kinds of memory that a dump would have, as bits. */
function dumped(pid: number): number {
  return Number.parseInt(readFileSync(`/proc/${pid}/coredump_filter`, 'utf8'), 16);
}

test.serial('the service and its helper have the one limit that the kernel heeds', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  const client = await Client.to(sshSocket());
  await client.ask(REQUEST_IDENTITIES);
  const relay = (await status()).relay?.pid ?? 0;
  const helpers = helperProcesses();
  t.is(helpers.length, 1);
  for (const pid of [relay, ...helpers]) {
    t.regex(limits(pid) ?? '', /^1 +1$/);
    t.is(dumped(pid), 0);
  }
  client.close();
});

test.serial('a connection of direct mode, too', async t => {
  await succeeds(t, ['install', 'ssh', '--mode', 'direct', '--now']);
  const client = await Client.to(sshSocket());
  await client.ask(REQUEST_IDENTITIES);
  t.deepEqual(
    helperProcesses().map(pid => limits(pid)?.split(/ +/)),
    [['1', '1']],
  );
  client.close();
});

test.serial('a relay in the foreground and its helper would dump no memory', async t => {
  const chain = await chainFor(t, twin, {target: 'pipe:nobody'});
  await askOnce(chain.socket, REQUEST_IDENTITIES);
  const [helper = 0] = chain.helpers();
  t.is(dumped(chain.pid), 0);
  t.is(dumped(helper), 0);
  t.not(dumped(process.pid), 0);
});
