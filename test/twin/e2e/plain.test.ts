// needs: pageant, ssh, socat
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import {poll} from '../poll.ts';
import {CEILING, helperProcesses} from './chain.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

let bed: PageantBed;
let node: WindowsNode;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
  node = await windowsNode(bed.twin);
  // Pageant's own pipe has the user's name with its space in it, which no socat line can express
  await node.start('old-agent.ts', '\\\\.\\pipe\\openssh-ssh-agent', bed.pageant.pipe.replaceAll('/', '\\'));
});

test.after.always(async () => {
  await node?.stop();
  await bed?.stop();
});

/** The line of so many shell profiles: socat on a socket, and the exe for each connection. */
async function startSocat(t: ExecutionContext, pipe: string): Promise<Record<string, string>> {
  const socket = path.join(await mkdtemp(path.join(bed.twin.runtimeDir, 'socat-')), 's');
  const command = `${builtExe()} -ei -s ${pipe}`;
  const socat = spawn('socat', [`UNIX-LISTEN:${socket},fork`, `EXEC:"${command}",nofork`], {
    env: bed.twin.env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const gone = once(socat, 'exit');
  t.teardown(async () => {
    socat.kill('SIGTERM');
    await gone;
  });
  await poll('socat to listen', CEILING, () => existsSync(socket));
  return {...bed.twin.env, SSH_AUTH_SOCK: socket};
}

test.serial("npiperelay's line with the exe in its place: ssh-add and ssh-keygen", async t => {
  const env = await startSocat(t, '//./pipe/openssh-ssh-agent');
  const {stdout, stderr} = await bed.twin.run('ssh-add', ['-L'], {env});
  for (const key of [bed.ed25519, bed.rsa]) t.true(stdout.includes(key.publicLine), stderr);
  const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', bed.rsa.publicPath];
  const signed = await bed.twin.run('ssh-keygen', sign, {env, input: 'text'});
  t.regex(signed.stdout, /^-----BEGIN SSH SIGNATURE-----/, signed.stderr);
});

test.serial('ten at the same moment are answered, and every exe leaves with its client', async t => {
  const env = await startSocat(t, '//./pipe/openssh-ssh-agent');
  const answers = Array.from(
    {length: 10},
    async () => (await bed.twin.run('ssh-add', ['-l'], {env})).exitCode,
  );
  t.deepEqual(
    await Promise.all(answers),
    Array.from({length: 10}, () => 0),
  );
  await poll('the helpers to leave', CEILING, () => helperProcesses().length === 0);
});

test.serial('without -p a pipe that does not exist ends the connection at once', async t => {
  const env = await startSocat(t, '//./pipe/nobody');
  const {exitCode, stderr} = await bed.twin.run('ssh-add', ['-l'], {env});
  t.is(exitCode, 1);
  t.regex(stderr, /communication with agent failed/);
  await poll('the helper to leave', CEILING, () => helperProcesses().length === 0);
});
