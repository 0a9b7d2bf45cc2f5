// needs: systemd, pageant, ssh
/** What closes a socket unit, or refuses a client of it, and that the next client is served all the same. */
import {existsSync} from 'node:fs';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import {dirname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {poll} from '../poll.ts';
import {FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {
  changes,
  home,
  loginShell,
  socket,
  state,
  succeeds,
  twin,
  unit,
  useInstallBed,
} from './install-bed.ts';

/** More than systemd's own limit for a socket unit with Accept=yes within two seconds, 200. */
const CROWD = 300;

useInstallBed(test);

const sshSocket = () => socket('wslagent/ssh.sock');

/** Comes, asks, and leaves without its answer; resolves when it is gone, however that went. */
function comeAndGo(path: string): Promise<void> {
  return new Promise(resolve => {
    const client = connect(path);
    client.on('error', () => {});
    client.on('close', () => resolve());
    client.on('connect', () => client.write(REQUEST_IDENTITIES, () => client.destroy()));
  });
}

/** Adds settings to a unit, as `systemctl edit` does; the returned function takes them away again. */
async function edit(t: ExecutionContext, name: string, text: string): Promise<() => Promise<void>> {
  const dropIn = `${unit(name)}.d/override.conf`;
  const reload = () => twin.run('systemctl', ['--user', 'daemon-reload']);
  const undo = async () => {
    await rm(dirname(dropIn), {recursive: true, force: true});
    await reload();
  };
  t.teardown(undo);
  await mkdir(dirname(dropIn), {recursive: true});
  await writeFile(dropIn, text);
  await reload();
  return undo;
}

async function serves(): Promise<boolean> {
  return /the key \(ED25519\)/.test((await loginShell('ssh-add -l')).stdout);
}

test.serial('direct mode: after a crowd of 300 who left, the next client is served', async t => {
  t.timeout(300_000);
  await succeeds(t, ['install', 'ssh', '--mode', 'direct', '--now']);
  await Promise.all(Array.from({length: CROWD}, () => comeAndGo(sshSocket())));
  t.regex(await state('wslagent-ssh.socket'), /ActiveState=active/);
  t.true(existsSync(sshSocket()));
  await poll('the next client to be served', 2 * CEILING, serves);
});

test.serial(
  'direct mode: who is one too many is refused, which the journal says, until one leaves',
  async t => {
    t.timeout(180_000);
    await succeeds(t, ['install', 'ssh', '--mode', 'direct', '--now']);
    await edit(t, 'wslagent-ssh.socket', '[Socket]\nMaxConnections=2\n');
    t.is((await twin.run('systemctl', ['--user', 'restart', 'wslagent-ssh.socket'])).exitCode, 0);
    const held = [await Client.to(sshSocket()), await Client.to(sshSocket())];
    for (const client of held) await client.ask(REQUEST_IDENTITIES);
    const refused = await Client.to(sshSocket());
    t.is((await refused.rest()).length, 0);
    const said = await twin.run('journalctl', ['--user', '-u', 'wslagent-ssh.socket', '-o', 'cat']);
    t.regex(said.stdout, /Too many incoming connections \(2\)/);
    held[0]?.close();
    await poll('a place', CEILING, serves);
    await held[1]?.ask(REQUEST_IDENTITIES);
    held[1]?.close();
  },
);

test.serial(
  'a relay that dies at every start: the client is sent away, and the socket opens again',
  async t => {
    t.timeout(180_000);
    await succeeds(t, ['install', 'ssh', 'pageant', '--now']);
    const mend = await edit(t, 'wslagent.service', '[Service]\nExecStart=\nExecStart=/bin/false\n');
    const client = await Client.to(sshSocket());
    t.is((await client.rest()).length, 0);
    await poll('the socket to be closed', CEILING, () => !existsSync(sshSocket()));
    await mend();
    for (const name of ['ssh', 'pageant'])
      await poll(`${name} to listen again`, CEILING, async () =>
        /ActiveState=active/.test(await state(`wslagent-${name}.socket`)),
      );
    t.true(await serves());
  },
);

test.serial(
  'a relay that is told to leave at once stays long enough for clients that it can only refuse',
  async t => {
    t.timeout(180_000);
    const config = home('.config/wslagent/config.toml');
    const before = await readFile(config, 'utf8');
    t.teardown(() => writeFile(config, before));
    await writeFile(config, `[relay]\nidle_exit = "1ms"\n${before}`);
    await succeeds(t, ['install', 'ssh', '--now']);
    // with a helper the relay takes its time to end that one
    await edit(t, 'wslagent.service', '[Service]\nEnvironment=WSLAGENT_HELPER=/bin/false\n');
    // systemd allows 20 starts within ten seconds
    for (let count = 1; count <= 60; count++) {
      t.deepEqual(await askOnce(sshSocket(), REQUEST_IDENTITIES), FAILURE, `client ${count}`);
      await sleep(50);
    }
    t.regex(await state('wslagent-ssh.socket'), /ActiveState=active/);
  },
);

test.serial('a socket opens again although the relay runs for another one', async t => {
  t.timeout(180_000);
  await succeeds(t, ['install', 'ssh', 'pageant', '--now']);
  t.true(await serves());
  const systemctl = (...args: string[]) => twin.run('systemctl', ['--user', ...args]);
  await systemctl('stop', 'wslagent-pageant.socket');
  t.not((await systemctl('start', 'wslagent-pageant.socket')).exitCode, 0);
  t.is((await systemctl('start', 'wslagent_again@wslagent-pageant.socket.service')).exitCode, 0);
  for (const name of ['ssh', 'pageant'])
    t.regex(await state(`wslagent-${name}.socket`), /ActiveState=active/, name);
  t.true(await serves());
});

test.serial('uninstall leaves nothing of a socket that was to open again', async t => {
  t.timeout(180_000);
  await succeeds(t, ['install', 'ssh', '--now']);
  const mend = await edit(t, 'wslagent.service', '[Service]\nExecStart=\nExecStart=/bin/false\n');
  await (await Client.to(sshSocket())).rest();
  await poll('the socket to be closed', CEILING, () => !existsSync(sshSocket()));
  await mend();
  await succeeds(t, ['uninstall']);
  t.deepEqual(await changes(), []);
  const {stdout} = await twin.run('systemctl', ['--user', 'list-units', '--all', '--plain', 'wslagent*']);
  t.notRegex(stdout, /wslagent/);
});
