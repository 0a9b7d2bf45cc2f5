// needs: pageant, ssh, systemd
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import {poll} from '../poll.ts';
import {CEILING, helperProcesses} from './chain.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

// npiperelay's line in a pair of systemd units, as people have it in place of socat: the connection is the exe's
// stdin and stdout.

let bed: PageantBed;
let node: WindowsNode;

test.before(async t => {
  t.timeout(20 * 60_000);
  bed = await startPageantBed({systemd: true});
  node = await windowsNode(bed.twin);
  await node.start('old-agent.ts', '\\\\.\\pipe\\openssh-ssh-agent', bed.pageant.pipe.replaceAll('/', '\\'));
});

test.after.always(async () => {
  await node?.stop();
  await bed?.stop();
});

test.serial('an Accept=yes unit with npiperelay’s line: ssh-add and ssh-keygen', async t => {
  const {twin} = bed;
  const units = path.join(twin.home, '.config/systemd/user');
  await mkdir(units, {recursive: true});
  await writeFile(
    path.join(units, 'npiperelay.socket'),
    '[Socket]\nListenStream=%t/npiperelay.sock\nSocketMode=0600\nAccept=yes\n',
  );
  const line = `"${builtExe()}" -v -ei -s //./pipe/openssh-ssh-agent`;
  await writeFile(
    path.join(units, 'npiperelay@.service'),
    `[Service]\nExecStart=${line}\nStandardInput=socket\nStandardOutput=socket\nStandardError=journal\n`,
  );
  const systemctl = async (...args: string[]): Promise<string> => {
    const {exitCode, stdout, stderr} = await twin.run('systemctl', ['--user', ...args]);
    if (exitCode !== 0) throw new Error(`systemctl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  await systemctl('daemon-reload');
  await systemctl('start', 'npiperelay.socket');
  const env = {SSH_AUTH_SOCK: path.join(twin.runtimeDir, 'npiperelay.sock')};
  const {stdout, stderr} = await twin.run('ssh-add', ['-L'], {env});
  for (const key of [bed.ed25519, bed.rsa]) t.true(stdout.includes(key.publicLine), stderr);
  const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', bed.ed25519.publicPath];
  const signed = await twin.run('ssh-keygen', sign, {env, input: 'text'});
  t.regex(signed.stdout, /^-----BEGIN SSH SIGNATURE-----/, signed.stderr);
  await poll('the helpers to leave', CEILING, () => helperProcesses().length === 0);
  // A unit that ended well leaves nothing behind.
  await poll('the units to go', CEILING, async () => {
    return (await systemctl('list-units', '--all', '--no-legend', 'npiperelay@*')) === '';
  });
  await systemctl('stop', 'npiperelay.socket');
});
