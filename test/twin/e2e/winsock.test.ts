// needs: wine
import {copyFile, mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import test from 'ava';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import type {ProbeReport} from '../../../shared/probe.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, chainFor} from './chain.ts';
import {askOnce} from './client.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

let twin: Twin;
let node: WindowsNode;

test.before(async t => {
  t.timeout(180_000);
  twin = await startTwin();
  node = await windowsNode(twin);
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

test.serial('the stream of AF_UNIX targets over real sockets of Winsock', async t => {
  t.timeout(180_000);
  const program = await node.start(await launcher('winsock-streams.ts'));
  const lines = async () => (await program.output()).trimEnd().split(/\r?\n/).slice(1);
  await poll('the trials', 3 * CEILING, async () => (await lines()).at(-1) === 'over');
  const said = (await lines())
    .slice(0, -1)
    .map(line => [line.split(' ')[0], JSON.parse(line.replace(/^\S+ /, ''))]);
  t.deepEqual(Object.fromEntries(said), {
    bothWays: {toServer: true, toClient: true, destroyed: true},
    slowReader: {stream: true, server: true, whole: true},
    slowServer: {stream: true, taken: true, whole: true, destroyed: true},
    reset: {code: 'ECONNRESET'},
    destroyed: {ended: true},
    refused: {call: 'connect', error: 10_061},
    aborted: 'Error: left',
    afUnix: {
      reason: 'badTarget',
      message: 'this windows has no AF_UNIX sockets: they came with windows 10 1803 (winsock error 10047)',
      hint: 'let the agent listen on a named pipe and name that one, for example --target pageant',
    },
  });
});

test.serial('a machine without AF_UNIX: one clear error for the client, the journal and probe', async t => {
  const target = 'unix:C:\\users\\Ada Lovelace\\agent.sock';
  const chain = await chainFor(t, twin, {target});
  t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
  const says = /this windows has no AF_UNIX sockets: they came with windows 10 1803/;
  t.regex(await chain.line(/ warning: socket#1: /), says);
  const {stdout} = await twin.run(builtExe(), ['probe', '--target', target]);
  const [agent] = (JSON.parse(stdout) as ProbeReport).agents;
  t.is(agent?.state, 'badTarget');
  t.regex(agent?.detail ?? '', says);
  t.regex(agent?.hint ?? '', /named pipe/);
});

/** A fixture in a folder that has koffi's file beside it, where the program looks for it. */
async function launcher(fixture: string): Promise<string> {
  const folder = await mkdtemp(path.join(twin.home, 'koffi-'));
  const koffi = `koffi-${process.arch}.node`;
  await copyFile(path.join(DIST, koffi), path.join(folder, koffi));
  const script = path.join(folder, 'run.mjs');
  const windows = twin.toWindows(path.join(import.meta.dirname, '..', '..', 'fixtures', fixture));
  await writeFile(script, `import ${JSON.stringify(pathToFileURL(windows, {windows: true}).href)};\n`);
  return script;
}
