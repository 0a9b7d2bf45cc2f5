import {Writable} from 'node:stream';
import {setImmediate as turn} from 'node:timers/promises';
import test from 'ava';
import {ToClient} from '../../../linux/relay/to-client.ts';

/** A client that takes a write only when told to. */
function slowClient() {
  const taken: (() => void)[] = [];
  const sizes: number[] = [];
  const socket = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      sizes.push(chunk.length);
      taken.push(done);
    },
  });
  let returned = 0;
  const client = new ToClient(socket, consumed => {
    returned += consumed;
  });
  return {
    send: async (count: number, ...pieces: Uint8Array[]) => {
      client.send(count, pieces);
      await turn();
    },
    sendTogether: (count: number, ...pieces: Uint8Array[]) => client.send(count, pieces),
    flush: () => client.flush(),
    take: async () => {
      taken.shift()?.();
      await turn();
    },
    returned: () => returned,
    sizes: () => sizes,
  };
}

test('part of an answer is given back at once, because the rest may need it', async t => {
  const {send, returned} = slowClient();
  await send(1000);
  await send(500);
  t.is(returned(), 1500);
});

test('an answer is given back when the client has it', async t => {
  const {send, take, returned} = slowClient();
  await send(1000);
  await send(7, new Uint8Array(1007));
  t.is(returned(), 1000);
  await take();
  t.is(returned(), 1007);
});

test('part of an answer is not given back while another waits for the client', async t => {
  const {send, take, returned} = slowClient();
  await send(10, new Uint8Array(10));
  await send(1000);
  t.is(returned(), 0);
  await take();
  t.is(returned(), 1010);
  await send(7, new Uint8Array(1007));
  t.is(returned(), 1010);
  await take();
  t.is(returned(), 1017);
});

test('small answers that come together are one write', async t => {
  const {sendTogether, take, returned, sizes} = slowClient();
  for (let count = 0; count < 100; count++) sendTogether(5, new Uint8Array(5));
  t.deepEqual(sizes(), []);
  await turn();
  t.deepEqual(sizes(), [500]);
  await take();
  t.is(returned(), 500);
});

test('of small answers that a client does not take, few are writes of their own', async t => {
  const {send, take, returned, sizes} = slowClient();
  for (let count = 0; count < 1000; count++) await send(5, new Uint8Array(5));
  for (let count = 0; count < 16; count++) await take();
  t.is(returned(), 16 * 5);
  t.deepEqual(sizes(), [...new Array(16).fill(5), 984 * 5]);
  await take();
  t.is(returned(), 5000);
});

test('a large answer goes behind the small ones that wait', async t => {
  const {send, sendTogether, take, sizes, returned} = slowClient();
  for (let count = 0; count < 18; count++) await send(5, new Uint8Array(5));
  sendTogether(7, new Uint8Array(7));
  await send(10_000, new Uint8Array(10_000));
  for (let count = 0; count < 18; count++) await take();
  t.deepEqual(sizes(), [...new Array(16).fill(5), 17, 10_000]);
  t.is(returned(), 10_097);
});

test('what waits goes at once when the socket is to be ended', t => {
  const {sendTogether, flush, sizes} = slowClient();
  sendTogether(5, new Uint8Array(5));
  flush();
  t.deepEqual(sizes(), [5]);
});

test('of several answers in one read, all is given back when the last is taken', async t => {
  const {send, take, returned} = slowClient();
  await send(30, new Uint8Array(10), new Uint8Array(20));
  t.is(returned(), 0);
  await take();
  t.is(returned(), 30);
});
