// needs: wine
import path from 'node:path';
import test from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {pageantBlock, pageantPipeName} from '../../../windows/pageant/pipe-name.ts';
import {ZERO} from '../../fixtures/pageant-window.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {FAILURE, message, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, chainFor} from './chain.ts';
import {askOnce} from './client.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

/** Another user of the same machine, who was quicker than Pageant. */
const STRANGER = 'S-1-5-21-0-0-0-1001';
const NAME = pageantPipeName('Ada Lovelace', pageantBlock());

let twin: Twin;
let node: WindowsNode;
let koffi: string;
let lookalike: WindowsProgram;

test.before(async t => {
  t.timeout(180_000);
  twin = await startTwin();
  node = await windowsNode(twin);
  koffi = twin.toWindows(path.join(DIST, 'koffi-x64.node'));
  lookalike = await node.start('owned-pipe.ts', `\\\\.\\pipe\\${NAME}`, `O:${STRANGER}D:(A;;GA;;;WD)`, koffi);
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

for (const target of ['pageant:pipe', 'pageant'])
  test.serial(`a stranger's pipe with Pageant's name gets no byte from ${target}`, async t => {
    const chain = await chainFor(t, twin, {target});
    t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
    const line = await chain.line(/ warning: socket#1: /);
    t.true(line.includes(`pipe //./pipe/${NAME} belongs to ${STRANGER}, not to you`), line);
    t.regex(line, /; hint: .*any-owner:pipe:pageant\.Ada Lovelace\./);
    t.notRegex(await lookalike.output(), /sent [^0]/);
  });

test.serial('a window that is ours is taken in its place', async t => {
  const window = await node.start('pageant-window.ts', koffi);
  t.teardown(() => window.stop());
  const chain = await chainFor(t, twin, {target: 'pageant'});
  t.deepEqual(await askOnce(chain.socket, message(ZERO)), FAILURE);
  t.regex(
    await chain.line(/ warning: socket#1: /),
    /node\.exe did not answer the request that its window got/,
  );
  t.notRegex(await lookalike.output(), /sent [^0]/);
});

test.serial('any-owner:pageant reaches it all the same', async t => {
  const chain = await chainFor(t, twin, {target: 'any-owner:pageant'});
  t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
  await poll('the request', CEILING, async () => (await lookalike.output()).includes('sent 5 bytes'));
});
