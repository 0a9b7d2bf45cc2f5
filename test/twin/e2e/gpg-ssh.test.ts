// needs: gnupg, gpg, ssh, sshd
import {mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {type GnupgKey, makeGnupgKey, offerToSsh} from '../agents/gnupg-keys.ts';
import type {RunOptions} from '../twin.ts';
import {comments, FAILURE, message, REQUEST_IDENTITIES, signRequest} from './agent-messages.ts';
import {CEILING, type Chain, runWith} from './chain.ts';
import {Client} from './client.ts';
import {type GpgBed, linuxGpg, SETUP_MS, sshKeyOf, startGpgBed} from './gpg-bed.ts';
import {type Sshd, startSshd} from './sshd.ts';

let bed: GpgBed;
let key: GnupgKey;
let chain: Chain;
let sshd: Sshd;
/** The key as gpg on the Linux side gives it to authorized_keys. */
let publicLine: string;
let publicPath: string;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  key = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
  await offerToSsh(bed.gnupg, key.grips.auth);
  const linux = await linuxGpg(bed, [key]);
  ({publicLine, publicPath} = await sshKeyOf(bed, linux, key.fingerprint));
  chain = await bed.relay({socket: bed.socket('S.gpg-agent.ssh'), target: 'gpg:agent-ssh-socket'});
  sshd = await startSshd(bed.twin, [publicLine]);
});

test.after.always(async () => {
  await sshd?.stop();
  await bed?.stop();
});

const ok = (command: string, args: string[], options?: RunOptions) =>
  runWith(chain, bed.twin, command, args, options);

function blob(line: string): string {
  return line.split(' ')[1] ?? '';
}

test.serial('ssh-add -l starts gpg-agent and lists the key that it may offer', async t => {
  await bed.gnupg.kill();
  t.regex(await ok('ssh-add', ['-l']), /^256 SHA256:\S+ .*\(ED25519\)\n$/);
  t.is(blob(await ok('ssh-add', ['-L'])), blob(publicLine));
  t.true((await bed.gnupg.sockets()).length > 0);
});

test.serial('ssh-keygen -Y sign, verified', async t => {
  const folder = await mkdtemp(path.join(bed.twin.home, 'sign-'));
  const [signature, allowed] = [path.join(folder, 'signature'), path.join(folder, 'allowed')];
  await writeFile(allowed, `ada ${publicLine}\n`);
  const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', publicPath];
  await writeFile(signature, await ok('ssh-keygen', sign, {input: 'text'}));
  const verify = ['-Y', 'verify', '-n', 'file', '-I', 'ada', '-f', allowed, '-s', signature];
  t.regex(await ok('ssh-keygen', verify, {input: 'text'}), /^Good "file" signature for ada/);
  await t.throwsAsync(ok('ssh-keygen', verify, {input: 'another text'}), {message: /incorrect signature/});
});

test.serial('ssh-add -T: the private half works', async t => {
  t.is(await ok('ssh-add', ['-T', publicPath]), '');
});

test.serial('ten requests on one connection, with pauses between', async t => {
  const client = await Client.to(chain.socket);
  for (let count = 0; count < 10; count++) {
    t.is(comments(await client.ask(REQUEST_IDENTITIES)).length, 1);
    // gpg-agent closes when 5 ms pass between what it reads.
    await pause(count * 10);
  }
  client.close();
});

test.serial('a request that comes byte by byte, and two that come at once', async t => {
  const client = await Client.to(chain.socket);
  for (const byte of REQUEST_IDENTITIES) {
    client.send(Uint8Array.of(byte));
    await pause(10);
  }
  t.is(comments(await client.message()).length, 1);
  client.send(Buffer.concat([REQUEST_IDENTITIES, REQUEST_IDENTITIES]));
  t.deepEqual(await client.message(), await client.message());
  client.endWriting();
  t.is((await client.rest()).length, 0);
});

test.serial('a request that gpg-agent does not know is refused, and the next is answered', async t => {
  const client = await Client.to(chain.socket);
  t.deepEqual(await client.ask(message(200)), FAILURE);
  t.is(comments(await client.ask(REQUEST_IDENTITIES)).length, 1);
  client.close();
});

test.serial('a login to an sshd', async t => {
  const ssh = ['-F', sshd.sshConfig, '-i', publicPath, 'loopback'];
  t.is(await ok('ssh', [...ssh, 'echo here I am']), 'here I am\n');
  t.regex(sshd.log(), /Accepted publickey for \S+ from 127\.0\.0\.1/);
  await t.throwsAsync(ok('ssh', [...ssh, 'true'], {env: {SSH_AUTH_SOCK: undefined}}), {
    message: /Permission denied/,
  });
});

test.serial('a second hop with the forwarded agent', async t => {
  const onward = `ssh -F ${sshd.sshConfig} -i ${publicPath} loopback`;
  const args = [
    '-F',
    sshd.sshConfig,
    '-i',
    publicPath,
    '-A',
    'loopback',
    `ssh-add -l && ${onward} 'echo there'`,
  ];
  t.regex(await ok('ssh', args), /^256 .*\(ED25519\)\nthere\n$/);
});

test.serial('twenty clients at the same moment', async t => {
  const answers = await Promise.all(Array.from({length: 20}, () => ok('ssh-add', ['-L'])));
  t.deepEqual(answers.map(blob), Array(20).fill(blob(publicLine)));
});

test.serial('a client that stays is served by the gpg-agent that was started again', async t => {
  const client = await Client.to(chain.socket);
  t.is(comments(await client.ask(REQUEST_IDENTITIES)).length, 1);
  await bed.gnupg.kill();
  t.is(comments(await client.ask(REQUEST_IDENTITIES)).length, 1);
  client.close();
});

test.serial(
  'a person who takes 5 s to confirm is waited for, also by a client that has half-closed',
  async t => {
    await offerToSsh(bed.gnupg, key.grips.sign, {confirm: true});
    await bed.gnupg.answerPin({delayMs: 5000});
    const blobs = (await ok('ssh-add', ['-L'])).trim().split('\n').map(blob);
    const [asked = ''] = blobs.filter(other => other !== blob(publicLine));
    const sign = signRequest(Buffer.from(asked, 'base64'), Buffer.from('text'));
    const started = performance.now();
    const clients = await Promise.all([Client.to(chain.socket), Client.to(chain.socket)]);
    for (const client of clients) client.send(sign);
    clients[1]?.endWriting();
    for (const client of clients) {
      const answer = await client.message();
      t.is(answer[4], 14);
      t.true(answer.includes('ssh-ed25519'));
    }
    t.true(performance.now() - started >= 5000);
    t.deepEqual((await bed.gnupg.pinQuestions()).slice(-2), ['CONFIRM', 'CONFIRM']);
    t.is((await clients[1]?.rest())?.length, 0);
    clients[0]?.close();
  },
);

test.serial('no request was lost on the way', async t => {
  t.timeout(CEILING);
  t.deepEqual(
    chain.lines.filter(line => / (warning|error): /.test(line)),
    [],
  );
});
