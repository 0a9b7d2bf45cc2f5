// needs: wine
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {type Exchange, encodeOrder, Part} from '../../fixtures/exchange.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING, type Chain, startChain} from './chain.ts';
import {anonymousMemory} from './memory.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

const MIB = 1024 * 1024;

/** How much goes each way at once. */
const LARGE = 1024 * MIB;

/** How much more memory than after the first bytes any process of the chain may have, whatever passes through it. */
const GROWTH = 48 * MIB;

let twin: Twin;
let node: WindowsNode;
let server: WindowsProgram;
let chain: Chain;

test.before(async t => {
  t.timeout(120_000);
  twin = await startTwin();
  node = await windowsNode(twin);
  server = await node.start('exchange-server.ts', '\\\\.\\pipe\\exchange');
  chain = await startChain(twin, {target: 'pipe:exchange', protocol: 'raw', sharing: 'always'});
});

test.after.always(async t => {
  t.is(await chain?.stop(), 0);
  await node?.stop();
  await twin?.stop();
});

type Begun = {part: Part; socket: Socket; over: Promise<void>};

/**
 * Begins an exchange; `over` resolves when both sides have all their bytes. The client reads from the start, unless
 * `reads` is false: then it does so when `part.receive` is called.
 */
async function begin(exchange: Partial<Exchange> & {seed: number}, reads = true): Promise<Begun> {
  const whole = {toServer: 0, toClient: 0, piece: 64 * 1024, pauses: 0, gate: 0, ...exchange};
  const socket = connect({path: chain.socket, allowHalfOpen: true});
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(encodeOrder(whole));
  const part = new Part(socket, whole, 'client');
  const over = Promise.all([part.send(), reads ? part.receive() : undefined]).then(() => {});
  return {part, socket, over};
}

/** Waits until the server has said that an exchange went well. */
async function wentWell(seed: number, toServer: number, toClient: number): Promise<void> {
  const line = `exchanged ${seed}: ${toServer} in, ${toClient} out, wrong at undefined`;
  await poll(`the server to say "${line}"`, CEILING, async () => (await server.output()).includes(line));
}

/** Watches the memory of relay and helper from now on; `most` gives by how much the most of either grew. */
function watchMemory(): {most: () => number} {
  const first = new Map<number, number>();
  let most = 0;
  const look = () => {
    for (const pid of [chain.pid, ...chain.helpers()]) {
      const now = anonymousMemory(pid);
      const before = first.get(pid) ?? now;
      first.set(pid, before);
      most = Math.max(most, now - before);
    }
  };
  look();
  const timer = setInterval(look, 100);
  return {
    most() {
      clearInterval(timer);
      return most;
    },
  };
}

/** Waits until a number has not changed for a second, and gives it. */
async function settled(value: () => number): Promise<number> {
  let [last, since] = [value(), performance.now()];
  await poll('a number that stays', CEILING, () => {
    if (value() !== last) [last, since] = [value(), performance.now()];
    return last > 0 && performance.now() - since > 1000;
  });
  return last;
}

test.serial(`${LARGE / MIB} MiB each way at the same time, byte for byte, in bounded memory`, async t => {
  t.timeout(600_000);
  const started = performance.now();
  const {part, socket, over} = await begin({seed: 1, toServer: LARGE, toClient: LARGE});
  await poll('the first bytes', CEILING, () => Math.min(part.sent, part.received) > 32 * MIB);
  const watch = watchMemory();
  await over;
  const grown = watch.most();
  t.log(
    `${Math.round((performance.now() - started) / 1000)} s, ${Math.round(grown / MIB)} MiB more memory at most`,
  );
  t.is(part.wrongAt, undefined);
  t.is(part.received, LARGE);
  await wentWell(1, LARGE, LARGE);
  t.true(grown < GROWTH, `${grown} bytes`);
  socket.destroy();
});

test.serial('pieces of random lengths with pauses on both sides, on eight connections at once', async t => {
  t.timeout(180_000);
  const size = 4 * MIB;
  const connections = Array.from({length: 8}, async (_, index) => {
    const seed = 100 + 2 * index;
    const begun = await begin({seed, toServer: size, toClient: size, piece: 50_000, pauses: 6});
    await begun.over;
    t.deepEqual([begun.part.received, begun.part.wrongAt], [size, undefined]);
    await wentWell(seed, size, size);
    begun.socket.destroy();
  });
  await Promise.all(connections);
});

test.serial(
  'a server that does not read: the client is held up, others are not, and all arrives',
  async t => {
    const size = 64 * MIB;
    const stuck = await begin({seed: 200, toServer: size, gate: 1});
    const taken = await settled(() => stuck.part.sent);
    t.log(`${Math.round(taken / 1024)} KiB were on their way`);
    t.true(taken < 4 * MIB, `${taken} bytes`);
    const other = await begin({seed: 202, toServer: size, toClient: size});
    await other.over;
    t.deepEqual([other.part.received, other.part.wrongAt], [size, undefined]);
    t.is(stuck.part.sent, taken);
    const opener = await begin({seed: 204, gate: 2});
    await stuck.over;
    await wentWell(200, size, 0);
    for (const {socket} of [stuck, other, opener]) socket.destroy();
  },
);

test.serial(
  'a client that does not read: little is kept for it, others are not held up, and all arrives',
  async t => {
    const size = 256 * MIB;
    const watch = watchMemory();
    const stuck = await begin({seed: 300, toClient: size}, false);
    const other = await begin({seed: 302, toServer: 64 * MIB, toClient: 64 * MIB});
    await other.over;
    t.deepEqual([other.part.received, other.part.wrongAt], [64 * MIB, undefined]);
    const grown = watch.most();
    t.true(grown < GROWTH, `${grown} bytes`);
    await stuck.part.receive();
    t.deepEqual([stuck.part.received, stuck.part.wrongAt], [size, undefined]);
    await wentWell(300, 0, size);
    for (const {socket} of [stuck, other]) socket.destroy();
  },
);

test.serial('a client that says something and goes at once: all of it arrives, however late', async t => {
  // less than relay and helper take for a server that does not read, so that they see its end
  const {part, socket, over} = await begin({seed: 400, toServer: 300_000, gate: 3}, false);
  await over;
  t.is(part.sent, 300_000);
  socket.end(() => socket.destroy());
  await once(socket, 'close');
  // longer than it takes to notice that it is gone
  await sleep(2000);
  const opener = await begin({seed: 402, gate: 4});
  await wentWell(400, 300_000, 0);
  opener.socket.destroy();
});
