// needs: pageant, ssh
import {mkdtemp, readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {TestChannel, TestRelay} from '../../windows/harness.ts';
import {ensureAgents} from '../agents/ensure.ts';
import {makeKey, type TestKey} from '../agents/keys.ts';
import {type Pageant, startPageant} from '../agents/pageant.ts';
import {sshString} from '../agents/ssh-blob.ts';
import {startTwin, type Twin} from '../twin.ts';
import {comments, message, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, chainFor} from './chain.ts';
import {Client} from './client.ts';
import {exeRelay, leaving} from './exe-relay.ts';

/** More than there are threads in libuv's pool. */
const MANY = 6;

let twin: Twin;
let folder: string;
let free: TestKey;
let guarded: TestKey;
let pageantExe: string;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  const {pageant} = await ensureAgents({pageant: true});
  if (pageant === undefined) throw new Error('there is no Pageant');
  pageantExe = pageant.pageantExe;
  twin = await startTwin();
  folder = await mkdtemp(path.join(twin.home, 'keys-'));
  free = await makeKey(folder, 'free', 'ed25519');
  guarded = await makeKey(folder, 'guarded', 'ed25519', 'guarded', 'open sesame');
});

test.after.always(() => twin?.stop());

/** A Pageant whose second key needs a passphrase, for which it asks somebody who is not there. */
async function pageantFor(t: ExecutionContext): Promise<Pageant> {
  const pageant = await startPageant(twin.env, {
    pageantExe,
    keys: [free.ppkPath],
    guarded: [guarded.ppkPath],
    // a folder of its own: the file of one that was killed would be taken for this one's
    folder: await mkdtemp(path.join(twin.home, 'pageant-')),
  });
  t.teardown(() => pageant.stop());
  return pageant;
}

/** A channel to Pageant's window, which it makes a moment after its pipe. */
async function windowOf(relay: TestRelay): Promise<TestChannel> {
  for (const deadline = performance.now() + CEILING; ; ) {
    const channel = relay.open('ssh-agent', 'pageant:window');
    try {
      await channel.ask(REQUEST_IDENTITIES);
      return channel;
    } catch (error) {
      if (channel.failure?.reason !== 'absent' || performance.now() > deadline) throw error;
    }
  }
}

function sign({publicBlob}: TestKey, data = Buffer.from('data')): Buffer {
  return message(13, Buffer.concat([sshString(publicBlob), sshString(data), Buffer.alloc(4)]));
}

test.serial(
  'calls that wait for a person hold up no other channel, and the helper leaves all the same',
  async t => {
    await pageantFor(t);
    const relay = exeRelay(t, twin);
    const first = await windowOf(relay);
    t.deepEqual(comments(await first.ask(REQUEST_IDENTITIES)).sort(), ['free', 'guarded']);
    t.is((await first.ask(sign(free)))[4], 14);
    // from here on the window is silent: it serves one request at a time
    const waiting = Array.from({length: MANY}, () => relay.open('ssh-agent', 'pageant:window'));
    for (const channel of waiting) channel.send(sign(guarded));
    const other = relay.open('ssh-agent', 'pageant:pipe');
    const large = sign(free, Buffer.alloc(200_000));
    for (let count = 0; count < 5; count++) {
      t.is(comments(await other.ask(REQUEST_IDENTITIES)).length, 2);
      t.is((await other.ask(large))[4], 14);
    }
    const [gone, ...left] = waiting;
    gone?.reset();
    left.at(-1)?.reset();
    t.is(comments(await other.ask(REQUEST_IDENTITIES)).length, 2);
    for (const channel of left) {
      t.is(channel.received.length, 0);
      t.is(channel.failure, undefined);
    }
    // what a person would have answered is lost, and nothing else: the thread that waits does not keep the process
    t.is(await leaving(relay), 0);
  },
);

test.serial('a person who is asked through the pipe holds up nobody else in the same helper', async t => {
  await pageantFor(t);
  const chain = await chainFor(t, twin, {target: 'pageant', sharing: 'always'});
  const [asked, other] = [await Client.to(chain.socket), await Client.to(chain.socket)];
  t.is(comments(await asked.ask(REQUEST_IDENTITIES)).length, 2);
  asked.send(sign(guarded));
  for (let count = 0; count < 5; count++) t.is(comments(await other.ask(REQUEST_IDENTITIES)).length, 2);
  t.is((await other.ask(sign(free)))[4], 14);
  t.is(chain.helpers().length, 1);
  asked.close();
  other.close();
  t.is(await chain.stop(), 0);
});

test.serial('three hundred requests through the window leave no memory and no handle behind', async t => {
  t.timeout(3 * CEILING);
  await pageantFor(t);
  const relay = exeRelay(t, twin);
  const channel = await windowOf(relay);
  const ask = async (times: number) => {
    for (let count = 0; count < times; count++) await channel.ask(REQUEST_IDENTITIES);
    return await held(relay.child.pid ?? 0);
  };
  const before = await ask(50);
  const after = await ask(300);
  t.log(`${JSON.stringify(before)} before, ${JSON.stringify(after)} after`);
  t.true(after.descriptors - before.descriptors < 50);
  t.true(after.mappings - before.mappings < 50);
});

/** What the Linux process of a Windows program has open: Wine makes of each shared memory a mapping and a descriptor. */
async function held(pid: number): Promise<{descriptors: number; mappings: number}> {
  const [fds, maps] = [await readdir(`/proc/${pid}/fd`), await readFile(`/proc/${pid}/maps`, 'utf8')];
  return {descriptors: fds.length, mappings: maps.split('\n').filter(line => / rw-s /.test(line)).length};
}
