// needs: pageant, ssh, sshd
import test from 'ava';
import {FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import {chainFor} from './chain.ts';
import {Client} from './client.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';
import {type Sshd, startSshd} from './sshd.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

let bed: PageantBed;
let node: WindowsNode;
let sshd: Sshd;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
  node = await windowsNode(bed.twin);
  sshd = await startSshd(bed.twin, [bed.ed25519.publicLine]);
});

test.after.always(async () => {
  await sshd?.stop();
  await node?.stop();
  await bed?.stop();
});

test.serial('an agent that closes the connection on session-bind serves a login all the same', async t => {
  const real = bed.pageant.pipe.replaceAll('/', '\\');
  const old = await node.start('old-agent.ts', '\\\\.\\pipe\\old', real);
  const chain = await chainFor(t, bed.twin, {target: 'pipe:old'});
  const ssh = ['-F', sshd.sshConfig, '-i', bed.ed25519.publicPath, 'loopback', 'echo inside'];
  const {exitCode, stdout, stderr} = await bed.twin.run('ssh', ssh, {env: chain.env});
  t.is(stdout, 'inside\n', stderr);
  t.is(exitCode, 0);
  t.regex(await old.output(), /^closed on an extension$/m);
  t.deepEqual(
    chain.lines.filter(line => / warning: socket#/.test(line)),
    [],
  );
});

test.serial('a client that asks for keys of SSH 1 first, as ssh before 8.0 does, gets its list', async t => {
  const real = bed.pageant.pipe.replaceAll('/', '\\');
  const old = await node.start('old-agent.ts', '\\\\.\\pipe\\old-first', real);
  const chain = await chainFor(t, bed.twin, {target: 'pipe:old-first'});
  const client = await Client.to(chain.socket);
  for (let round = 0; round < 2; round++) {
    t.deepEqual(await client.ask(Buffer.of(0, 0, 0, 1, 1)), FAILURE);
    t.is((await client.ask(REQUEST_IDENTITIES))[4], 12);
  }
  client.close();
  t.regex(await old.output(), /^closed on keys of SSH 1$/m);
  t.notRegex(await chain.line(/ socket#1: /), / warning: /);
});

test.serial('ssh-add and ssh-keygen work with it', async t => {
  const real = bed.pageant.pipe.replaceAll('/', '\\');
  await node.start('old-agent.ts', '\\\\.\\pipe\\old-too', real);
  const chain = await chainFor(t, bed.twin, {target: 'pipe:old-too'});
  const {stdout} = await bed.twin.run('ssh-add', ['-L'], {env: chain.env});
  t.true(stdout.includes(bed.ed25519.publicLine));
  const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', bed.rsa.publicPath];
  const signed = await bed.twin.run('ssh-keygen', sign, {env: chain.env, input: 'text'});
  t.regex(signed.stdout, /^-----BEGIN SSH SIGNATURE-----/, signed.stderr);
});
