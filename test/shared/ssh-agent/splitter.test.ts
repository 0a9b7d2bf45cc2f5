import test from 'ava';
import fc from 'fast-check';
import {isSessionBind, MESSAGE_MAX} from '../../../shared/ssh-agent/messages.ts';
import {AgentMessageError, MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
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
      message: new RegExp(`${length} bytes`),
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
