// needs: gpg
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING, type Chain, type ChainOptions, startChain} from './chain.ts';
import {Client} from './client.ts';
import {dataLines, GREETING, itsData, receipt} from './gpg-told.ts';
import {pattern} from './told-requests.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

const SIZE = 300 * 1024;
const FILE = 'C:\\users\\Ada Lovelace\\S.told';

let twin: Twin;
let node: WindowsNode;
let double: WindowsProgram;

test.before(async t => {
  t.timeout(180_000);
  twin = await startTwin();
  node = await windowsNode(twin);
  double = await node.start('told-assuan.ts', FILE);
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

/** A relay for one test, which must have nothing left to do once the test's clients have gone. */
async function withRelay(
  t: ExecutionContext,
  options: Partial<ChainOptions>,
  work: (chain: Chain) => Promise<void>,
): Promise<void> {
  const chain = await startChain(twin, {target: `assuan:${FILE}`, protocol: 'assuan', ...options});
  try {
    await work(chain);
  } finally {
    t.is(await chain.stop(), 0);
  }
  t.false(
    chain.lines.some(line => line.includes('did not end within')),
    chain.lines.join('\n'),
  );
}

/** Waits until the double has got one more of these commands. */
async function got(word: string, before: number): Promise<void> {
  await poll(`the double to get ${word}`, CEILING, async () => (await count(word)) > before);
}

async function count(word: string): Promise<number> {
  return (await double.output()).split(/\r?\n/).filter(line => line === word).length;
}

/** Sends a lot while it is sent a lot; gives what came and what should have come. */
async function bothWays(chain: Chain, seed: number): Promise<{came: Buffer; due: Buffer}> {
  const data = pattern(SIZE + seed, seed);
  const due = Buffer.concat([
    Buffer.from(`${GREETING}INQUIRE DATA\n`),
    itsData(SIZE),
    Buffer.from(`${receipt(data)}OK\nOK closing connection\n`),
  ]);
  const client = await Client.to(chain.socket);
  client.send(Buffer.concat([Buffer.from(`BOTH ${SIZE}\n`), dataLines(data), Buffer.from('END\nBYE\n')]));
  const came = await client.rest();
  client.close();
  return {came, due};
}

for (const sharing of ['overflow', 'never', 'always'] as const) {
  test.serial(
    `300 KiB both ways at once, byte for byte; six clients at once; sharing ${sharing}`,
    async t => {
      await withRelay(t, {sharing, maxHelpers: 3}, async chain => {
        const seeds = [1, 2, 3, 4, 5, 6];
        for (const {came, due} of await Promise.all(seeds.map(seed => bothWays(chain, seed)))) {
          t.is(came.length, due.length);
          t.true(came.equals(due));
        }
        await poll(
          'six lines',
          CEILING,
          () => chain.lines.filter(line => /#\d+: .* answered/.test(line)).length === 6,
        );
        t.deepEqual(
          chain.lines.filter(line => / (warning|error): /.test(line)),
          [],
        );
      });
    },
  );
}

test.serial('gpg-connect-agent answers an inquiry with 300 KiB, and is given them back', async t => {
  const folder = await mkdtemp(path.join(twin.home, 'data-'));
  const [given, taken] = [path.join(folder, 'given'), path.join(folder, 'taken')];
  await writeFile(given, pattern(SIZE, 3));
  await withRelay(t, {}, async chain => {
    const commands = [`/definqfile DATA ${given}`, '/decode', `/datafile ${taken}`, 'ECHO', '/bye'];
    const args = ['--raw-socket', chain.socket, ...commands];
    const {exitCode, stdout, stderr} = await twin.run('gpg-connect-agent', args);
    t.is(exitCode, 0, stdout + stderr);
    t.true(pattern(SIZE, 3).equals(await readFile(taken)));
  });
});

test.serial('a client that does not read holds up nobody, and loses nothing', async t => {
  const flood = 4 * 1024 * 1024;
  await withRelay(t, {sharing: 'always'}, async chain => {
    const before = await count('FLOOD');
    const slow = await Client.to(chain.socket);
    slow.send(Buffer.from(`FLOOD ${flood}\n`));
    await got('FLOOD', before);
    for (const seed of [1, 2]) {
      const {came, due} = await bothWays(chain, seed);
      t.true(came.equals(due));
    }
    slow.send(Buffer.from('BYE\n'));
    const due = Buffer.concat([
      Buffer.from(GREETING),
      itsData(flood),
      Buffer.from('OK\nOK closing connection\n'),
    ]);
    t.true((await slow.rest()).equals(due));
  });
});

test.serial('an answer that takes 5 s arrives, also where the client has half-closed', async t => {
  await withRelay(t, {}, async chain => {
    const [whole, half] = [await Client.to(chain.socket), await Client.to(chain.socket)];
    whole.send(Buffer.from('LATE 5000\n'));
    for (const client of [whole, half]) client.send(Buffer.from('LATE 5000\n'));
    half.endWriting();
    const answer = `${GREETING}OK late\n`;
    t.is((await half.rest()).toString(), answer);
    t.is((await whole.read(answer.length)).toString(), answer);
    half.close();
    whole.close();
  });
});

for (const [command, said] of [
  ['LINE', 'S PROGRESS one\nERR 67108941 No agent <wslagent: the helper ended while it served (SIGKILL)>\n'],
  // What is not at the start of a line cannot be an error to an Assuan client.
  ['HALF', 'S PROGRESS one\nS PROG'],
] as const) {
  test.serial(
    `a helper killed after ${command}: the client is told at once, and the next is served`,
    async t => {
      await withRelay(t, {}, async chain => {
        const before = await count(command);
        const client = await Client.to(chain.socket);
        client.send(Buffer.from(`${command}\n`));
        await got(command, before);
        const start = `${GREETING}${command === 'HALF' ? said : 'S PROGRESS one\n'}`;
        t.is((await client.read(start.length)).toString(), start);
        process.kill(chain.helpers()[0] ?? 0, 'SIGKILL');
        t.is(start + (await client.rest()).toString(), GREETING + said);
        await chain.line(/ warning: socket#1: .*the helper ended while it served \(SIGKILL\)/);
        const {came, due} = await bothWays(chain, 1);
        t.true(came.equals(due));
      });
    },
  );
}
