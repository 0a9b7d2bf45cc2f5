// needs: pageant, ssh
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {poll} from '../poll.ts';
import {FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, chainFor} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

/** The user of the twin's Windows side, and another one. */
const USER = 'S-1-5-21-0-0-0-1000';
const STRANGER = 'S-1-5-21-0-0-0-1001';

/** What a person still takes for "at once", on a busy machine, in milliseconds. Today's bound was two minutes. */
const SOON = 30_000;

let bed: PageantBed;
let node: WindowsNode;
let koffi: string;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
  node = await windowsNode(bed.twin);
  koffi = bed.twin.toWindows(path.join(DIST, `koffi-${process.arch}.node`));
});

test.after.always(async () => {
  await node?.stop();
  await bed?.stop();
});

/** Lists keys while a program of Windows holds the mutex; gives the journal's line of that connection. */
async function listDespite(t: ExecutionContext, sddl?: string): Promise<string> {
  const pipe = bed.pageant.pipe.replace(/^.*[\\/]/, '');
  const holder = await node.start('hold-mutex.ts', koffi, pipe, ...(sddl === undefined ? [] : [sddl]));
  try {
    const chain = await chainFor(t, bed.twin, {target: `pipe:${pipe}`});
    const begun = performance.now();
    const {stdout, exitCode} = await bed.twin.run('ssh-add', ['-L'], {env: chain.env});
    t.true(performance.now() - begun < SOON);
    t.is(exitCode, 0);
    t.true(stdout.includes(bed.ed25519.publicLine));
    return await chain.line(/ socket#1: /);
  } finally {
    await holder.stop();
  }
}

test.serial('a program that made the mutex first is not waited for', async t => {
  const line = await listDespite(t);
  t.regex(line, /, out of turn: another program has the name of its turns\) answered/);
});

test.serial("nor is another user's", async t => {
  const line = await listDespite(t, `O:${STRANGER}D:(A;;GA;;;WD)`);
  t.regex(line, new RegExp(`out of turn: a program of ${STRANGER} has the name of its turns`));
});

test.serial('nor one that lets nobody look', async t => {
  t.notRegex(await listDespite(t, 'D:P(A;;GA;;;SY)'), /out of turn/);
});

test.serial('one that pretends to be a helper is waited for, for two seconds', async t => {
  const line = await listDespite(t, `O:${USER}D:P(A;;GA;;;${USER})`);
  t.regex(line, /out of turn: another program has its turn and is no helper of wslagent\) answered/);
});

test.serial('the mutex of helpers is for programs of the same user alone', async t => {
  const server = await node.start('odd-pipe.ts', '\\\\.\\pipe\\only', koffi, 'one');
  const chain = await chainFor(t, bed.twin, {target: 'pipe:only', protocol: 'raw'});
  const watcher = await node.start('look-at-mutex.ts', koffi, 'only');
  // the server has one place, so the turn lasts as long as the connection
  const client = await Client.to(chain.socket);
  await poll('the mutex', CEILING, async () => (await watcher.output()).includes('protected by'));
  client.close();
  t.regex(await watcher.output(), new RegExp(`protected by O:${USER}D:P\\(A;;[^;]+;;;${USER}\\)\\r?\\n`));
  await server.stop();
});

test.serial('when it is gone, helpers take turns again', async t => {
  const pipe = bed.pageant.pipe.replace(/^.*[\\/]/, '');
  const chain = await chainFor(t, bed.twin, {target: `pipe:${pipe}`});
  t.notDeepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
  t.notRegex(await chain.line(/ socket#1: /), /out of turn/);
});
