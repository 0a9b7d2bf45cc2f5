// needs: gnupg, gpg
import {createHash} from 'node:crypto';
import {rm} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {isRunning} from '../../is-running.ts';
import {type GnupgKey, makeGnupgKey} from '../agents/gnupg-keys.ts';
import {poll} from '../poll.ts';
import {CEILING, type Chain} from './chain.ts';
import {Client} from './client.ts';
import {type GpgBed, type LinuxGpg, linuxGpg, SETUP_MS, startGpgBed} from './gpg-bed.ts';

const PIN = 'open sesame';
/** What a person may take, in milliseconds. */
const LONG = 5000;
/** What nobody waits for here, in milliseconds: longer than any ceiling. */
const TOO_LONG = 60_000;

let bed: GpgBed;
/** Needs the PIN. */
let guarded: GnupgKey;
/** Needs nobody. */
let free: GnupgKey;
let chain: Chain;
let linux: LinuxGpg;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  guarded = await makeGnupgKey(bed.gnupg, 'Grace <grace@example.org>', PIN);
  free = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
  linux = await linuxGpg(bed, [guarded, free]);
  chain = await bed.relay({
    socket: bed.socket('S.gpg-agent'),
    target: 'gpg:agent-socket',
    protocol: 'assuan',
  });
});

// gpg-agent remembers a PIN; a new one knows nothing
test.beforeEach(() => bed.gnupg.kill());

test.after.always(() => bed?.stop());

function signWith({fingerprint}: GnupgKey): string[] {
  return ['--armor', '--local-user', fingerprint, '--sign'];
}

/** Runs `work` and waits until the person has been asked once more. */
async function untilAsked(work: () => void): Promise<void> {
  const before = (await bed.gnupg.pinQuestions()).length;
  work();
  await poll('the person to be asked', CEILING, async () => (await bed.gnupg.pinQuestions()).length > before);
}

test.serial('gpg waits for a person who takes 5 s, and signs', async t => {
  await bed.gnupg.answerPin({pin: PIN, delayMs: LONG});
  const started = performance.now();
  const signed = await linux.must(signWith(guarded), {input: 'patience'});
  t.true(performance.now() - started >= LONG);
  t.is(await linux.must(['--decrypt'], {input: signed}), 'patience');
});

test.serial('gpg waits for a person who takes 5 s, and decrypts', async t => {
  const encrypt = ['--armor', '--recipient', guarded.fingerprint, '--encrypt'];
  const secret = await linux.must(encrypt, {input: 'for Grace'});
  await bed.gnupg.answerPin({pin: PIN, delayMs: LONG});
  t.is(await linux.must(['--decrypt'], {input: secret}), 'for Grace');
});

test.serial(
  'a client that half-closes while the person is asked hears what gpg-agent makes of it',
  async t => {
    await bed.gnupg.answerPin({pin: PIN, delayMs: TOO_LONG});
    const client = await Client.to(chain.socket);
    await untilAsked(() => client.send(signing()));
    client.endWriting();
    // it takes its question back, as it does without a relay (call-pinentry.c, watch_sock)
    const answer = (await client.rest()).toString('latin1');
    t.regex(answer, /^OK Pleased to meet you.*\nOK\nOK\nERR \d+ .* <Pinentry>\n$/);
    client.close();
  },
);

test.serial('a client that leaves while the person is asked takes the question with it', async t => {
  await bed.gnupg.answerPin({pin: PIN, delayMs: TOO_LONG});
  const from = chain.lines.length;
  const client = await Client.to(chain.socket);
  await untilAsked(() => client.send(signing()));
  // what a client leaves unread would make its end a loss
  for (let heard = ''; !/\nOK\nOK\n$/.test(heard); ) heard += await client.read(1);
  client.close();
  t.regex(await chain.line(/ socket#/, from), / info: .*client (closed|went away)$/);
});

test.serial('a wrong PIN and a person who cancels are told as gpg-agent tells them', async t => {
  await bed.gnupg.answerPin({pin: 'wrong'});
  t.regex((await linux.gpg(signWith(guarded), {input: 'text'})).stderr, /signing failed: Bad passphrase/);
  await rm(path.join(bed.gnupg.home, 'pinentry-answer'));
  t.regex(
    (await linux.gpg(signWith(guarded), {input: 'text'})).stderr,
    /signing failed: Operation cancelled/,
  );
});

test.serial(
  'a helper killed while the person is asked: gpg fails at once, and the next is served',
  async t => {
    await bed.gnupg.answerPin({pin: PIN, delayMs: TOO_LONG});
    const from = chain.lines.length;
    let signed: ReturnType<LinuxGpg['gpg']> | undefined;
    await untilAsked(() => {
      signed = linux.gpg(signWith(guarded), {input: 'text', timeout: CEILING});
    });
    for (const pid of chain.helpers().filter(isRunning)) process.kill(pid, 'SIGKILL');
    t.is((await signed)?.exitCode, 2);
    await chain.line(/ warning: socket#\d+: .*the helper ended while it served \(SIGKILL\)/, from);
    t.is(await linux.must(['--decrypt'], {input: await linux.must(signWith(free), {input: 'next'})}), 'next');
  },
);

/** What gpg says to have something signed, without its preliminaries. */
function signing(): Buffer {
  const hash = createHash('sha256').update('text').digest('hex').toUpperCase();
  return Buffer.from(`SIGKEY ${guarded.grips.sign}\nSETHASH --hash=sha256 ${hash}\nPKSIGN\n`);
}
