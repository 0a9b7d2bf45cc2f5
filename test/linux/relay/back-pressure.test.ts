import {randomBytes} from 'node:crypto';
import test from 'ava';
import {type Client, settled, startBed, until} from './bed.ts';

const MIB = 1024 * 1024;

/** What the flood fixture sends. */
const FLOOD = 64 * MIB;

function began(client: Client): Promise<void> {
  return until('the flood to begin', () => client.socket.readableLength > 0 || client.socket.bytesRead > 0);
}

// one after the other: memory is the process's
test.serial('large payloads pass both ways at once, byte for byte', async t => {
  const bed = await startBed(t, 'echo');
  const payload = randomBytes(24 * MIB);
  const client = bed.connect().end(payload);
  t.is(Buffer.compare(await client.all, payload), 0);
});

test.serial(
  'a flood waits for a client that does not read, in bounded memory, and arrives whole',
  async t => {
    const bed = await startBed(t, 'flood');
    const client = bed.connect();
    client.socket.pause();
    const before = process.memoryUsage().arrayBuffers;
    client.write('go');
    await began(client);
    const grown = (await settled(() => Math.round(process.memoryUsage().arrayBuffers / MIB))) * MIB - before;
    t.true(grown < 4 * MIB, `grown by ${grown} bytes while nobody read`);
    client.socket.resume();
    const all = await client.all;
    t.is(all.length, FLOOD);
    t.true(all.subarray(-65_536).every((byte, index) => byte === index % 251));
  },
);

test.serial('a client is not read faster than the helper takes', async t => {
  const bed = await startBed(t, 'stuck-reader');
  const client = bed.connect();
  const payload = Buffer.alloc(32 * MIB);
  client.end(payload);
  await until('the helper to block', () => client.socket.bytesWritten > 0);
  const waiting = await settled(() => client.socket.writableLength);
  t.true(waiting > 16 * MIB, `only ${waiting} bytes wait at the client`);
  t.is((await client.all).toString(), String(payload.length));
});

test.serial('a slow client stops nobody else', async t => {
  const bed = await startBed(t, 'flood', {sharing: 'always'});
  const slow = bed.connect();
  slow.socket.pause();
  slow.write('go');
  await began(slow);
  const quick = bed.connect().write('go');
  t.is((await quick.all).length, FLOOD);
});
