// needs: systemd, pageant, ssh
/** Options for node that a person has set for all programs: node ends at once with one that it does not know. */
import {readFileSync} from 'node:fs';
import test from 'ava';
import {comments, REQUEST_IDENTITIES} from './agent-messages.ts';
import {helperProcesses} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {socket, succeeds, twin, useInstallBed} from './install-bed.ts';

useInstallBed(test);

const BAD = '--no-such-option';

const keys = async () => comments(await askOnce(socket('wslagent/ssh.sock'), REQUEST_IDENTITIES));

test.serial('on Linux: the service starts all the same', async t => {
  await succeeds(t, ['install', 'ssh', '--now']);
  await twin.run('systemctl', ['--user', 'set-environment', `NODE_OPTIONS=${BAD}`]);
  t.teardown(async () => void (await twin.run('systemctl', ['--user', 'unset-environment', 'NODE_OPTIONS'])));
  t.deepEqual(await keys(), ['the key']);
});

// a user's own variables are Windows' there, over which WSL lays what WSLENV names; under Wine those of the registry win
test.serial('the program of a connection in direct mode gets ours, whatever Windows has', async t => {
  await succeeds(t, ['install', 'ssh', '--mode', 'direct', '--now']);
  const client = await Client.to(socket('wslagent/ssh.sock'));
  await client.ask(REQUEST_IDENTITIES);
  const given = helperProcesses().map(pid => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'));
  t.deepEqual(
    given.map(list => list.filter(item => item.startsWith('NODE_OPTIONS='))),
    [['NODE_OPTIONS=--v8-pool-size=1']],
  );
  client.close();
});
