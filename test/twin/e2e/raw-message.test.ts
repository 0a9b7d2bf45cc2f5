// needs: wine
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {connect} from 'node:net';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {Part} from '../../fixtures/exchange.ts';
import {isRunning} from '../../is-running.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING, type Chain, startChain} from './chain.ts';
import {Client} from './client.ts';
import {anonymousMemory} from './memory.ts';
import {pattern} from './told-requests.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

const MIB = 1024 * 1024;

let twin: Twin;
let node: WindowsNode;

test.before(async t => {
  t.timeout(120_000);
  twin = await startTwin();
  // the double waits in threads, two for each connection
  const env = {...twin.env, UV_THREADPOOL_SIZE: '32', WSLENV: 'UV_THREADPOOL_SIZE/w'};
  node = await windowsNode({...twin, env});
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

/** A server on a message-mode pipe, and a raw endpoint in front of it. */
async function bed(t: ExecutionContext, behaviour: string): Promise<{server: WindowsProgram; chain: Chain}> {
  const koffi = twin.toWindows(path.join(DIST, 'koffi-x64.node'));
  const server = await node.start('message-server.ts', `\\\\.\\pipe\\${behaviour}`, koffi, behaviour);
  const chain = await startChain(twin, {target: `pipe:${behaviour}`, protocol: 'raw', sharing: 'always'});
  t.teardown(async () => {
    await chain.stop();
    await server.stop();
  });
  return {server, chain};
}

/** Waits until the server has said it. */
async function said(server: WindowsProgram, text: string): Promise<void> {
  await poll(`the server to say "${text}"`, CEILING, async () => (await server.output()).includes(text));
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test.serial("a client's end reaches the server, and what it says after it comes back", async t => {
  const {server, chain} = await bed(t, 'echo');
  for (let round = 0; round < 3; round++) {
    const client = await Client.to(chain.socket);
    client.send(Buffer.from('hello'));
    t.deepEqual(await client.read(5), Buffer.from('hello'));
    client.endWriting();
    t.deepEqual(await client.rest(), Buffer.from('5 bytes'));
    client.close();
  }
  await said(server, `the client ended after 5 bytes ${sha256(Buffer.from('hello'))}`);
});

test.serial('messages far longer than any buffer come back byte for byte', async t => {
  const {chain} = await bed(t, 'echo');
  const client = await Client.to(chain.socket);
  const bytes = pattern(3_000_001);
  client.send(bytes);
  t.true((await client.read(bytes.length)).equals(bytes));
  client.endWriting();
  t.deepEqual(await client.rest(), Buffer.from(`${bytes.length} bytes`));
  client.close();
});

/** Sends `size` bytes in pieces of random lengths with pauses, reads them back with others, and says whether they are the same. */
async function comesBack(chain: Chain, seed: number, size: number, pauses: number): Promise<boolean> {
  const exchange = {seed, toServer: size, toClient: size, piece: 90_000, pauses, gate: 0};
  const socket = connect({path: chain.socket, allowHalfOpen: true});
  await once(socket, 'connect');
  const part = new Part(socket, exchange, 'echoed');
  await Promise.all([part.send().then(() => socket.end()), part.receive()]);
  const rest = Buffer.concat(await socket.toArray()).toString();
  return part.received === size && part.wrongAt === undefined && rest === `${size} bytes`;
}

test.serial('pieces of random lengths with pauses come back on twelve connections at once', async t => {
  const {chain} = await bed(t, 'echo');
  const all = Array.from({length: 12}, (_, index) => comesBack(chain, index, 2_000_000, 5));
  t.deepEqual(
    await Promise.all(all),
    all.map(() => true),
  );
});

test.serial('a lot at once takes no more memory than a little', async t => {
  t.timeout(180_000);
  const {chain} = await bed(t, 'echo');
  t.true(await comesBack(chain, 500, 32 * MIB, 0));
  const pids = [chain.pid, ...chain.helpers()];
  const before = pids.map(anonymousMemory);
  let grown = 0;
  const look = () => {
    for (const [index, pid] of pids.entries())
      grown = Math.max(grown, anonymousMemory(pid) - (before[index] ?? 0));
  };
  const timer = setInterval(look, 100);
  t.true(await comesBack(chain, 501, 128 * MIB, 0));
  clearInterval(timer);
  t.log(`${Math.round(grown / MIB)} MiB more memory at most`);
  t.true(grown < 48 * MIB, `${grown} bytes`);
});

test.serial('what a connection needed is given back with its end', async t => {
  const {server, chain} = await bed(t, 'echo');
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) t.true(await comesBack(chain, round, 130_000, 0));
  };
  await rounds(50);
  const [helper = 0] = chain.helpers();
  const before = anonymousMemory(helper);
  await rounds(400);
  const grown = anonymousMemory(helper) - before;
  t.log(`${Math.round(grown / 1024)} KiB more after 400 connections`);
  // their buffers alone would be 50 MiB
  t.true(grown < 24 * MIB, `${grown} bytes`);
  await poll('all pipes to be closed', CEILING, async () => {
    return (await server.output()).split('\n').filter(line => line.startsWith('gone after')).length === 450;
  });
});

test.serial("the server's end leaves the client its say", async t => {
  const {server, chain} = await bed(t, 'first');
  const client = await Client.to(chain.socket);
  t.deepEqual(await client.rest(), Buffer.from('hello'));
  const bytes = pattern(200_000);
  client.send(bytes);
  client.endWriting();
  await said(server, `the client ended after ${bytes.length} bytes ${sha256(bytes)}`);
  client.close();
  await said(server, 'gone after');
});

test.serial('a server that closes has said everything before', async t => {
  const {chain} = await bed(t, 'hangup');
  const client = await Client.to(chain.socket);
  t.deepEqual(await client.rest(), Buffer.from('hello'));
  client.close();
});

test.serial('a helper whose relay is gone leaves, though it waits for a pipe', async t => {
  const {server, chain} = await bed(t, 'echo');
  const client = await Client.to(chain.socket);
  client.send(Buffer.from('hello'));
  t.deepEqual(await client.read(5), Buffer.from('hello'));
  const [helper = 0] = chain.helpers();
  await chain.kill();
  await poll('the helper to leave', CEILING, () => !isRunning(helper));
  await said(server, 'gone after 1 messages');
  client.close();
});
