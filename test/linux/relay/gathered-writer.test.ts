import {Writable} from 'node:stream';
import test from 'ava';
import {GatheredWriter} from '../../../linux/relay/gathered-writer.ts';
import {HelperChannel} from '../../../linux/relay/helper-channel.ts';
import {Session} from '../../../shared/protocol/session.ts';
import {until} from './bed.ts';

/** A stream that takes nothing until `release`, and keeps what it got, write by write. */
function stuckStream() {
  const writes: string[] = [];
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 8,
    write(chunk, _, done) {
      writes.push(String(chunk));
      waiting.push(done);
    },
    writev(chunks, done) {
      writes.push(chunks.map(({chunk}) => String(chunk)).join(''));
      waiting.push(done);
    },
  });
  return {stream, writes, release: () => waiting.shift()?.()};
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('the pieces of one turn go together, those of the next in another write', async t => {
  const {stream, writes, release} = stuckStream();
  const writer = new GatheredWriter(stream, () => {});
  writer.write([bytes('a'), bytes('b')]);
  writer.write([bytes('c')]);
  t.deepEqual(writes, []);
  await until('the first write', () => writes.length === 1);
  writer.write([bytes('d')]);
  release();
  await until('the second write', () => writes.length === 2);
  t.deepEqual(writes, ['abc', 'd']);
});

test('what was written before the end is written', async t => {
  const {stream, writes, release} = stuckStream();
  const writer = new GatheredWriter(stream, () => {});
  writer.write([bytes('a'), bytes('b')]);
  writer.end();
  await until('the write', () => writes.length === 1);
  release();
  await until('the end', () => stream.writableFinished);
  t.deepEqual(writes, ['ab']);
  writer.write([bytes('too late')]);
  t.is(stream.errored, null);
});

test('a full pipe pauses the clients, also those that have credit, and tells them when it drains', async t => {
  const {stream, release} = stuckStream();
  let drains = 0;
  const writer = new GatheredWriter(stream, () => channel.flowing());
  const events = {opened() {}, data() {}, end() {}, doubted() {}, closed() {}, drain: () => drains++};
  const none = {greeted() {}, open() {}, ...events};
  const session = new Session('relay', () => {}, none);
  const channel = new HelperChannel(session, writer, session.open('raw', ['pipe:x']), events, () => {});
  t.true(channel.data(bytes('x')));
  writer.write([bytes('more than eight bytes')]);
  t.true(writer.full);
  t.false(channel.data(bytes('y')));
  channel.flowing();
  t.is(drains, 0);
  await until('the write', () => stream.writableCorked === 0);
  release();
  await until('the drain', () => drains === 1);
  t.true(channel.data(bytes('z')));
});
