// needs: gnupg, gpg, ssh
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {type TestChannel, type TestRelay, until} from '../../windows/harness.ts';
import {type GnupgKey, makeGnupgKey, offerToSsh} from '../agents/gnupg-keys.ts';
import {sshString} from '../agents/ssh-blob.ts';
import {poll} from '../poll.ts';
import {comments, FAILURE, message, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, chainFor} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {exeRelay, leaving} from './exe-relay.ts';
import {type GpgBed, linuxGpg, SETUP_MS, sshKeyOf, startGpgBed} from './gpg-bed.ts';
import {listAndSign, type SshKey} from './list-and-sign.ts';

const WINDOW = 'the Pageant window of gpg-agent.exe';

let bed: GpgBed;
let key: GnupgKey;
/** The key as ssh has it. */
let ssh: SshKey;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  await mkdir(bed.gnupg.home, {recursive: true});
  await writeFile(path.join(bed.gnupg.home, 'gpg-agent.conf'), 'enable-putty-support\n');
  key = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
  await offerToSsh(bed.gnupg, key.grips.auth);
  await offerToSsh(bed.gnupg, key.grips.sign, {confirm: true});
  const linux = await linuxGpg(bed, [key]);
  ssh = await sshKeyOf(bed, linux, key.fingerprint);
});

test.after.always(() => bed?.stop());

for (const target of ['pageant:window', 'pageant'])
  test.serial(`gpg-agent's Pageant window as ${target}: ssh-add and a signature, verified`, async t => {
    const chain = await chainFor(t, bed.twin, {target});
    await listAndSign(t, bed.twin, chain, ssh);
    await chain.line(new RegExp(`${target} \\(${WINDOW.replaceAll('.', '\\.')}\\) answered in `));
    t.deepEqual(
      chain.lines.filter(line => / (warning|error): /.test(line)),
      [],
    );
  });

test.serial('what is too long for gpg-agent is told as that, and what just fits goes through', async t => {
  const chain = await chainFor(t, bed.twin, {target: 'pageant:window'});
  const client = await Client.to(chain.socket);
  // gpg-agent looks at 16384 bytes; this it does not know
  t.deepEqual(await client.ask(message(200, Buffer.alloc(16_384 - 5))), FAILURE);
  t.is(comments(await client.ask(REQUEST_IDENTITIES)).length, 2);
  t.deepEqual(await client.ask(message(200, Buffer.alloc(16_384 - 4))), FAILURE);
  client.endWriting();
  t.is((await client.rest()).length, 0);
  await chain.line(
    / warning: socket#1: .* a request of 16385 bytes is too long for gpg-agent\.exe, whose window takes 16384/,
  );
  await chain.line(/ hint: reach the agent through its pipe or socket instead/);
});

test.serial('a person who takes 5 s is waited for, also by a client that sends no more', async t => {
  await bed.gnupg.answerPin({delayMs: 5000});
  const started = performance.now();
  const relay = exeRelay(t, bed.twin);
  const asked = await askPerson(relay);
  asked.end();
  const questions = (await bed.gnupg.pinQuestions()).length;
  // one whose client leaves while it waits for its turn is not put to the person
  const left = relay.open('ssh-agent', 'pageant:window');
  left.send(await signRequest(relay));
  await until(() => left.opened, 'the second client to wait');
  left.reset();
  t.is((await asked.bytes(5))[4], 14);
  t.true(performance.now() - started >= 5000);
  await asked.close();
  t.is(asked.failure, undefined);
  t.is(comments(await relay.open('ssh-agent', 'pageant:window').ask(REQUEST_IDENTITIES)).length, 2);
  t.is((await bed.gnupg.pinQuestions()).length, questions);
});

test.serial('a person who is asked through the window holds up no other channel of the helper', async t => {
  // longer than any ceiling here
  await bed.gnupg.answerPin({delayMs: 60_000});
  const relay = exeRelay(t, bed.twin);
  const asked = await askPerson(relay);
  const other = relay.open('ssh-agent', 'gpg:agent-ssh-socket');
  for (let count = 0; count < 5; count++) t.is(comments(await other.ask(REQUEST_IDENTITIES)).length, 2);
  t.is(asked.received.length, 0);
  t.is(await leaving(relay), 0);
});

/** To sign with the key that gpg-agent asks a person about. */
async function signRequest(relay: TestRelay): Promise<Buffer> {
  const channel = relay.open('ssh-agent', 'gpg:agent-ssh-socket');
  const blobs = keyBlobs(await channel.ask(REQUEST_IDENTITIES));
  const asks = blobs.find(blob => blob.toString('base64') !== ssh.publicLine.split(' ')[1]);
  if (asks === undefined) throw new Error('gpg-agent does not offer the key that it asks about');
  return message(13, Buffer.concat([sshString(asks), sshString('data'), Buffer.alloc(4)]));
}

/** Has something signed for which gpg-agent asks a person; gives the channel once it has asked. */
async function askPerson(relay: TestRelay): Promise<TestChannel> {
  const channel = relay.open('ssh-agent', 'pageant:window');
  const request = await signRequest(relay);
  const before = (await bed.gnupg.pinQuestions()).length;
  channel.send(request);
  await poll('the person to be asked', CEILING, async () => (await bed.gnupg.pinQuestions()).length > before);
  return channel;
}

test.serial('no window: one clear failure', async t => {
  await bed.gnupg.kill();
  const chain = await chainFor(t, bed.twin, {target: 'pageant:window'});
  t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
  await chain.line(/ warning: socket#1: .*no program has Pageant's window/);
  await chain.line(/ hint: .*enable-putty-support/);
});

/** The keys in an identities answer. */
function keyBlobs(answer: Buffer): Buffer[] {
  const blobs: Buffer[] = [];
  let at = 9;
  const next = () => {
    const start = at + 4;
    at = start + answer.readUInt32BE(at);
    return answer.subarray(start, at);
  };
  for (let count = answer.readUInt32BE(5); count > 0; count--) {
    blobs.push(next());
    next();
  }
  return blobs;
}
