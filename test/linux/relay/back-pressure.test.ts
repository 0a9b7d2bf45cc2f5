import {randomBytes} from 'node:crypto';
import {createServer} from 'node:net';
import {join} from 'node:path';
import test from 'ava';
import {answerTo, requestOf} from '../../fixtures/agent-answer.ts';
import {type Client, HELPER, helperPids, settled, startBed, temporaryFolder, until} from './bed.ts';

const MIB = 1024 * 1024;
const PIECE = 64 * 1024;

/** What the flood fixture sends. */
const FLOOD = 64 * MIB;

function began(client: Client): Promise<void> {
  return until('the flood to begin', () => client.socket.readableLength > 0 || client.socket.bytesRead > 0);
}

/** Writes so much in small pieces, each when the one before it was taken; `taken` counts. */
function pour(client: Client, all: Uint8Array): {taken: number} {
  const count = {taken: 0};
  const next = () => {
    const piece = all.subarray(count.taken, count.taken + PIECE);
    if (piece.length === 0) client.end();
    else
      client.socket.write(piece, error => {
        if (error) return;
        count.taken += piece.length;
        next();
      });
  };
  next();
  return count;
}

test('large payloads pass both ways at once, byte for byte', async t => {
  const bed = await startBed(t, 'echo');
  const payload = randomBytes(24 * MIB);
  const client = bed.connect().end(payload);
  t.is(Buffer.compare(await client.all, payload), 0);
});

test.serial('a flood waits for a client that does not read, and arrives whole', async t => {
  process.env.FLOOD_SAYS = '1';
  t.teardown(() => delete process.env.FLOOD_SAYS);
  const bed = await startBed(t, 'flood');
  const client = bed.connect();
  client.socket.pause();
  client.write('go');
  await began(client);
  const sent = await settled(() =>
    Number(/sent ([0-9]+)/.exec(bed.lines.findLast(line => /sent/.test(line)) ?? '')?.[1]),
  );
  t.true(sent < 4 * MIB, `${sent} bytes were taken from the helper while nobody read`);
  client.socket.resume();
  const all = await client.all;
  t.is(all.length, FLOOD);
  t.true(all.subarray(-65_536).every((byte, index) => byte === index % 251));
});

for (const [title, helper] of [
  ['reads nothing', 'stuck-reader'],
  ['gives no credit', 'no-credit'],
] as const)
  test(`a client is not read faster than a helper takes that ${title}`, async t => {
    const bed = await startBed(t, helper);
    const client = bed.connect();
    const count = pour(client, Buffer.alloc(16 * MIB));
    await until('the helper to have some', () => bed.lines.some(line => /ready after/.test(line)));
    const taken = await settled(() => count.taken);
    t.true(taken < 4 * MIB, `${taken} bytes were taken from the client`);
    for (const pid of helperPids(bed.lines)) process.kill(pid, 'SIGUSR2');
    t.is((await client.all).toString(), String(16 * MIB));
  });

test('an ssh client that asks on and on is not read further until it is answered', async t => {
  const folder = temporaryFolder(t);
  let personComes: (() => void) | undefined;
  const agent = createServer(socket => {
    socket.once('data', request => {
      personComes = () => {
        socket.write(answerTo(request));
        socket.on('data', next => socket.write(answerTo(next)));
      };
    });
  });
  await new Promise<void>(resolve => agent.listen(join(folder, 'agent'), resolve));
  t.teardown(() => agent.close());
  const bed = await startBed(t, '', {
    protocol: 'ssh-agent',
    helper: HELPER,
    targets: [`pipe:${join(folder, 'agent')}`],
  });
  const client = bed.connect();
  const request = requestOf(11);
  const all = Buffer.concat(Array.from({length: MIB / request.length}, () => request));
  const count = pour(client, all);
  await until('the agent to be asked', () => personComes !== undefined);
  const taken = await settled(() => count.taken);
  t.true(taken < MIB / 2, `${taken} bytes were taken from the client`);
  personComes?.();
  const answers = answerTo(request).length * (all.length / request.length);
  t.is((await client.all).length, answers);
});

test('a slow client stops nobody else', async t => {
  const bed = await startBed(t, 'flood', {sharing: 'always'});
  const slow = bed.connect();
  slow.socket.pause();
  slow.write('go');
  await began(slow);
  const quick = bed.connect().write('go');
  t.is((await quick.all).length, FLOOD);
});
