// needs: wine
import path from 'node:path';
import test from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {END, GARBAGE, ZERO} from '../../fixtures/pageant-window.ts';
import {startTwin, type Twin} from '../twin.ts';
import {FAILURE, message} from './agent-messages.ts';
import {chainFor} from './chain.ts';
import {askOnce} from './client.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

let twin: Twin;
let node: WindowsNode;

test.before(async t => {
  t.timeout(180_000);
  twin = await startTwin();
  node = await windowsNode(twin);
  // one for all: Wine closes its desktop a moment after the last window went, and takes a new one with it
  await node.start('pageant-window.ts', twin.toWindows(path.join(DIST, 'koffi-x64.node')));
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

const ROWS: [title: string, type: number, told: RegExp][] = [
  ['0', ZERO, /node\.exe did not answer the request that its window got/],
  ['garbage', GARBAGE, /what node\.exe answered through its window is no ssh-agent message/],
  ['its end', END, /node\.exe ended before its window answered/],
];

for (const [title, type, told] of ROWS)
  test.serial(
    `a window that answers with ${title}: a refusal for the client, and one line with a hint`,
    async t => {
      const chain = await chainFor(t, twin, {target: 'pageant:window'});
      t.deepEqual(await askOnce(chain.socket, message(type)), FAILURE);
      t.regex(await chain.line(/ warning: socket#1: /), told);
      await chain.line(/ hint: /);
    },
  );
