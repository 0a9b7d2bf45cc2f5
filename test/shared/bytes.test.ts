import test from 'ava';
import fc from 'fast-check';
import {ByteQueue, unpinned} from '../../shared/bytes.ts';
import {join} from './chunks.ts';

test('what goes in comes out, in order, however it is cut on either side', t => {
  const step = fc.oneof(
    fc.uint8Array({maxLength: 700}),
    fc.integer({min: 0, max: 900}).map(count => ({count})),
  );
  fc.assert(
    fc.property(fc.array(step, {maxLength: 60}), steps => {
      const queue = new ByteQueue();
      let model: Uint8Array = new Uint8Array(0);
      for (const each of steps) {
        if (each instanceof Uint8Array) {
          queue.push(each);
          model = join([model, each]);
        } else {
          t.deepEqual(queue.take(each.count), model.slice(0, each.count));
          model = model.slice(each.count);
        }
        t.is(queue.length, model.length);
        const number = model.length < 4 ? undefined : Buffer.from(model).readUInt32BE();
        t.is(queue.peekUint32(), number);
      }
      t.deepEqual(queue.take(), model);
    }),
  );
});

test('what was taken is nobody’s else: later bytes do not change it', t => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2, 3));
  const taken = queue.take(2);
  queue.push(Uint8Array.of(4));
  t.deepEqual([...taken], [1, 2]);
  t.is(taken.buffer.byteLength, 2, 'and it keeps nothing else in memory');
});

test('a small part of a large buffer is copied, and nothing else', t => {
  const large = new Uint8Array(1000).map((_, index) => index);
  const small = unpinned(large.subarray(10, 20));
  t.deepEqual([...small], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  t.is(small.buffer.byteLength, 10);
  const most = large.subarray(0, 900);
  t.is(unpinned(most), most);
  t.is(unpinned(large), large);
});

test('all that is taken at once keeps at most twice its length in memory', t => {
  const queue = new ByteQueue();
  queue.push(new Uint8Array(10_000));
  queue.take(9990);
  t.true(queue.take().buffer.byteLength <= 20);
  queue.push(new Uint8Array(300));
  queue.push(new Uint8Array(300));
  const all = queue.take();
  t.is(all.length, 600);
  t.true(all.buffer.byteLength <= 1200);
  t.is(queue.length, 0);
});
