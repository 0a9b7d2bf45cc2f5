// needs: pageant, ssh, socat
import {mkdtemp, symlink} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import {poll} from '../poll.ts';
import {CEILING, helperProcesses} from './chain.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';
import {startSocat} from './socat.ts';
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

/** The environment of a client behind npiperelay's line. */
async function behind(
  t: ExecutionContext,
  line: string,
  how: {options?: string; exe?: string} = {},
): Promise<Record<string, string>> {
  const socket = await startSocat(t, bed.twin, line, how);
  return {...bed.twin.env, SSH_AUTH_SOCK: socket};
}

// `nofork` gives the exe the socket itself as stdin and stdout; without it socat stands between.
for (const options of ['', ',nofork'])
  test.serial(
    `npiperelay's line with the exe in its place, socat's options "${options}": ssh-add and ssh-keygen`,
    async t => {
      const env = await behind(t, '-ei -s //./pipe/openssh-ssh-agent', {options});
      const {stdout, stderr} = await bed.twin.run('ssh-add', ['-L'], {env});
      for (const key of [bed.ed25519, bed.rsa]) t.true(stdout.includes(key.publicLine), stderr);
      const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', bed.rsa.publicPath];
      const signed = await bed.twin.run('ssh-keygen', sign, {env, input: 'text'});
      t.regex(signed.stdout, /^-----BEGIN SSH SIGNATURE-----/, signed.stderr);
    },
  );

test.serial('ten at the same moment are answered, and every exe leaves with its client', async t => {
  const env = await behind(t, '-p -l -ei -s //./pipe/openssh-ssh-agent');
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

test.serial("a link with npiperelay's name: not even that changes in a script", async t => {
  const exe = path.join(await mkdtemp(path.join(bed.twin.home, 'bin-')), 'npiperelay.exe');
  await symlink(builtExe(), exe);
  const env = await behind(t, '-ei -s //./pipe/openssh-ssh-agent', {exe});
  const {exitCode, stdout, stderr} = await bed.twin.run('ssh-add', ['-L'], {env});
  t.is(exitCode, 0, stderr);
  t.true(stdout.includes(bed.ed25519.publicLine));
});

test.serial('without -p a pipe that does not exist ends the connection at once', async t => {
  const env = await behind(t, '-ei -s //./pipe/nobody');
  const {exitCode, stderr} = await bed.twin.run('ssh-add', ['-l'], {env});
  t.is(exitCode, 1);
  t.regex(stderr, /communication with agent failed/);
  await poll('the helper to leave', CEILING, () => helperProcesses().length === 0);
});
