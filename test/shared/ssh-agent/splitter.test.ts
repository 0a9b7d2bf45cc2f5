import test from 'ava';
import fc from 'fast-check';
import {AgentMessageError, lengthFault} from '../../../shared/ssh-agent/length.ts';
import {MessageQueue} from '../../../shared/ssh-agent/message-queue.ts';
import {isSessionBind, MESSAGE_MAX} from '../../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
import {cuts, join} from '../chunks.ts';

function message(body: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return join([length, body]);
}

test('messages come out whole and in order under every chunking', t => {
  const messages = fc.array(fc.uint8Array({minLength: 1, maxLength: 2000}).map(message), {
    minLength: 1,
    maxLength: 6,
  });
  const property = fc.property(
    messages.chain(list => fc.tuple(fc.constant(list), cuts(join(list)))),
    ([list, pieces]) => {
      const splitter = new MessageSplitter();
      t.deepEqual(
        pieces.flatMap(piece => splitter.push(piece)),
        list,
      );
      t.false(splitter.midMessage);
    },
  );
  fc.assert(property);
});

test('the longest message passes and is not held in memory twice', t => {
  const longest = message(new Uint8Array(MESSAGE_MAX).fill(7));
  const splitter = new MessageSplitter();
  t.deepEqual(splitter.push(longest.subarray(0, 100)), []);
  t.true(splitter.midMessage);
  t.deepEqual(splitter.push(longest.subarray(100)), [longest]);
});

for (const length of [0, MESSAGE_MAX + 1, 0xffff_ffff]) {
  test(`a length of ${length} is refused before memory is taken`, t => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    t.throws(() => new MessageSplitter().push(header), {
      instanceOf: AgentMessageError,
      message: length === 0 ? 'a message is empty' : 'a message is longer than 262144 bytes',
    });
  });
}

test('session-bind is known by type and name', t => {
  const named = (type: number, name: string) =>
    message(join([Uint8Array.of(type), message(Buffer.from(name)), Uint8Array.of(0)]));
  t.true(isSessionBind(named(27, 'session-bind@openssh.com')));
  t.false(isSessionBind(named(27, 'query')));
  t.false(isSessionBind(named(13, 'session-bind@openssh.com')));
  t.false(isSessionBind(message(Uint8Array.of(27))));
});

test('messages are cut off a queue under every chunking, also those before a length that none can have', t => {
  const messages = fc.array(fc.uint8Array({minLength: 1, maxLength: 300}).map(message), {maxLength: 6});
  fc.assert(
    fc.property(
      messages.chain(list => fc.tuple(fc.constant(list), cuts(join([...list, Buffer.alloc(4)])))),
      ([list, pieces]) => {
        const queue = new MessageQueue();
        const cut: Uint8Array[] = [];
        const all = () => {
          for (const piece of pieces) {
            queue.push(piece);
            for (let next = queue.next(); next !== undefined; next = queue.next()) cut.push(next);
          }
        };
        t.throws(all, {instanceOf: AgentMessageError});
        t.deepEqual(cut, list);
      },
    ),
  );
});

test('a queue cuts a message when it is asked for one, and knows whether there is one', t => {
  const queue = new MessageQueue();
  const [one, two] = [message(Uint8Array.of(11)), message(Buffer.alloc(300, 13))];
  queue.push(join([one, two.subarray(0, 200)]));
  t.true(queue.ready);
  t.deepEqual(queue.next(), Uint8Array.from(one));
  t.false(queue.ready);
  t.is(queue.next(), undefined);
  queue.push(two.subarray(200));
  queue.push(Buffer.alloc(4));
  t.deepEqual(queue.next(), Uint8Array.from(two));
  t.true(queue.ready, 'it has to say that this is no message');
  t.throws(() => queue.next(), {instanceOf: AgentMessageError});
});

test('no byte of a wrong length field is in the words about it', t => {
  for (const length of [MESSAGE_MAX + 1, 0xff_ffff, 0x4b1d_5ec3, 0xffff_ffff])
    t.is(
      new AgentMessageError(lengthFault(length) ?? 'empty').message,
      'a message is longer than 262144 bytes',
    );
  t.is(lengthFault(MESSAGE_MAX), undefined);
  t.is(lengthFault(2 * MESSAGE_MAX), 'long', 'an agent with many keys');
  t.is(lengthFault(Buffer.from('HTTP').readUInt32BE()), 'foreign');
});
