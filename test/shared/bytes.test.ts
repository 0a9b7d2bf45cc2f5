import test from 'ava';
import fc from 'fast-check';
import {ByteQueue} from '../../shared/bytes.ts';
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
