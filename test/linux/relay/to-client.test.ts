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
  const client = new ToClient(socket);
  return {
    send: (count: number, ...pieces: Uint8Array[]) =>
      client.send(count, pieces, consumed => {
        returned += consumed;
      }),
    take: async () => {
      taken.shift()?.();
      await turn();
    },
    returned: () => returned,
    sizes: () => sizes,
    writes: () => sizes.length,
  };
}

test('part of an answer is given back at once, because the rest may need it', t => {
  const {send, returned} = slowClient();
  send(1000);
  send(500);
  t.is(returned(), 1500);
});

test('an answer is given back when the client has it', async t => {
  const {send, take, returned} = slowClient();
  send(1000);
  send(7, new Uint8Array(1007));
  t.is(returned(), 1000);
  await take();
  t.is(returned(), 1007);
});

test('part of an answer is not given back while another waits for the client', async t => {
  const {send, take, returned} = slowClient();
  send(10, new Uint8Array(10));
  send(1000);
  t.is(returned(), 0);
  await take();
  t.is(returned(), 1010);
  send(7, new Uint8Array(1007));
  t.is(returned(), 1010);
  await take();
  t.is(returned(), 1017);
});

test('small answers that a client does not take become one write', async t => {
  const {send, take, returned, writes} = slowClient();
  for (let count = 0; count < 1000; count++) send(5, new Uint8Array(5));
  t.is(writes(), 1);
  await take();
  t.is(returned(), 5);
  t.is(writes(), 2);
  await take();
  t.is(returned(), 5000);
});

test('a large answer goes behind the small ones that wait', async t => {
  const {send, take, returned, sizes} = slowClient();
  send(5, new Uint8Array(5));
  send(6, new Uint8Array(6));
  send(10_000, new Uint8Array(10_000));
  for (let count = 0; count < 3; count++) await take();
  t.deepEqual(sizes(), [5, 6, 10_000]);
  t.is(returned(), 10_011);
});

test('of several answers in one read, all is given back when the last is taken', async t => {
  const {send, take, returned} = slowClient();
  send(30, new Uint8Array(10), new Uint8Array(20));
  t.is(returned(), 0);
  await take();
  t.is(returned(), 30);
});
