// needs: gnupg, gpg, ssh, sshd
import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {offerToSsh} from '../agents/gnupg-keys.ts';
import {poll} from '../poll.ts';
import type {RunOptions} from '../twin.ts';
import {comments, REQUEST_IDENTITIES, signRequest} from './agent-messages.ts';
import {CEILING, type Chain, runWith} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {faults} from './crowd.ts';
import {linuxGpg, SETUP_MS, sshKeyOf} from './gpg-bed.ts';
import {GPG_PIPE, type GpgPipeBed, startGpgPipeBed} from './gpg-pipe-bed.ts';
import {listAndSign} from './list-and-sign.ts';
import {type Sshd, startSshd} from './sshd.ts';

const SIGN_RESPONSE = 14;

let bed: GpgPipeBed;
let chain: Chain;
let sshd: Sshd;
let publicLine: string;
let publicPath: string;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgPipeBed();
  const linux = await linuxGpg(bed, [bed.key]);
  ({publicLine, publicPath} = await sshKeyOf(bed, linux, bed.key.fingerprint));
  // each client has a helper of its own
  chain = await bed.relay({target: GPG_PIPE, sharing: 'never', maxHelpers: 8});
  sshd = await startSshd(bed.twin, [publicLine]);
});

test.after.always(async () => {
  await sshd?.stop();
  await bed?.stop();
});

const ok = (command: string, args: string[], options?: RunOptions) =>
  runWith(chain, bed.twin, command, args, options);

test.serial('list and sign', async t => {
  await listAndSign(t, bed.twin, chain, {publicLine, publicPath});
});

test.serial('a client that stays connected keeps nobody out, and is served again', async t => {
  const stays = await Client.to(chain.socket);
  for (let round = 0; round < 3; round++) {
    t.is(comments(await stays.ask(REQUEST_IDENTITIES)).length, 1);
    t.is(comments(await askOnce(chain.socket, REQUEST_IDENTITIES)).length, 1);
  }
  stays.close();
});

test.serial('ssh -A stays, its far side asks, and logins beside it are served', async t => {
  const folder = await mkdtemp(path.join(bed.twin.home, 'master-'));
  const control = ['-F', sshd.sshConfig, '-S', path.join(folder, 'control'), '-i', publicPath];
  // a master stays in the background, with the agent forwarded
  await ok('ssh', [...control, '-A', '-M', '-N', '-f', 'loopback']);
  try {
    const login = ['-F', sshd.sshConfig, '-i', publicPath, 'loopback', 'echo beside'];
    for (let round = 0; round < 2; round++) {
      t.regex(await ok('ssh', [...control, '-A', 'loopback', 'ssh-add -l']), /^256 .*\(ED25519\)\n$/);
      t.is(await ok('ssh', login), 'beside\n');
    }
    // the far side's own client of the forwarded agent stays while it logs in further
    const onward = `ssh-add -l && ssh -F ${sshd.sshConfig} -i ${publicPath} loopback echo onward`;
    t.regex(await ok('ssh', [...control, '-A', 'loopback', onward]), /onward\n$/);
  } finally {
    await ok('ssh', [...control, '-O', 'exit', 'loopback']);
  }
});

test.serial('while a person takes their time the others wait, and then all are served', async t => {
  await offerToSsh(bed.gnupg, bed.key.grips.sign, {confirm: true});
  await bed.gnupg.answerPin({delayMs: 4000});
  const blobs = (await ok('ssh-add', ['-L']))
    .trim()
    .split('\n')
    .map(line => line.split(' ')[1] ?? '');
  const asked = blobs.find(blob => !publicLine.includes(blob)) ?? '';
  const questions = (await bed.gnupg.pinQuestions()).length;
  const first = await Client.to(chain.socket);
  const signed = first.ask(signRequest(Buffer.from(asked, 'base64'), Buffer.from('text')));
  await poll(
    'the person to be asked',
    CEILING,
    async () => (await bed.gnupg.pinQuestions()).length > questions,
  );
  const others = Array.from({length: 3}, () => askOnce(chain.socket, REQUEST_IDENTITIES));
  const order: string[] = [];
  await Promise.all([
    signed.then(() => order.push('signed')),
    ...others.map(other => other.then(() => order.push('listed'))),
  ]);
  t.deepEqual(order, ['signed', 'listed', 'listed', 'listed']);
  t.is((await signed)[4], SIGN_RESPONSE);
  first.close();
});

test.serial('gpg-agent ends, and the one that is started again is found', async t => {
  const stays = await Client.to(chain.socket);
  t.true(comments(await stays.ask(REQUEST_IDENTITIES)).length > 0);
  await bed.gnupg.kill();
  await bed.gnupg.launch();
  t.true(comments(await stays.ask(REQUEST_IDENTITIES)).length > 0);
  stays.close();
});

test.serial('nothing was lost on the way', async t => {
  t.deepEqual(faults(chain), []);
  t.is(await bed.pipeErrors(), '');
});
