import test from 'ava';
import fc from 'fast-check';
import {FrameDecoder} from '../../../shared/protocol/decode.ts';
import {encodeFrame} from '../../../shared/protocol/encode.ts';
import {type Frame, ProtocolError} from '../../../shared/protocol/frames.ts';
import {encodeGreeting} from '../../../shared/protocol/greeting.ts';
import {Session, type SessionRole, type SessionWrite} from '../../../shared/protocol/session.ts';
import {VERSION} from '../../../shared/version.ts';
import {cutAt, join} from '../chunks.ts';

const NO_EVENTS = {greeted() {}, open() {}, opened() {}, data() {}, end() {}, drain() {}, closed() {}};

/** A session that has been greeted, what it writes, and what is to be called when that is written. */
function side(role: SessionRole) {
  const wire: Uint8Array[] = [];
  const written: (() => void)[] = [];
  const write: SessionWrite = (pieces, done) => {
    wire.push(...pieces);
    if (done !== undefined) written.push(done);
  };
  const session = new Session(role, write, NO_EVENTS);
  session.receive(encodeGreeting(VERSION));
  wire.splice(0);
  return {session, wire, written};
}

function ask(number: number): Uint8Array {
  return join(encodeFrame({type: 'ask', channel: 0, number}));
}

function alive(number: number): Uint8Array {
  return join(encodeFrame({type: 'alive', channel: 0, number}));
}

function decoded(wire: Uint8Array[]): Frame[] {
  const decoder = new FrameDecoder();
  return wire.splice(0).flatMap(piece => [...decoder.push(piece)]);
}

for (const role of ['relay', 'helper'] as const) {
  test(`each question is answered at once with its number, however it is cut (by the ${role})`, t => {
    const points = fc.array(fc.integer({min: 1, max: 200}), {maxLength: 8});
    fc.assert(
      fc.property(fc.integer({min: 1, max: 10}), points, (questions, cuts) => {
        const {session, wire, written} = side(role);
        const numbers = Array.from({length: questions}, (_, index) => index + 1);
        const answers: Frame[] = [];
        for (const piece of cutAt(join(numbers.map(ask)), cuts)) {
          session.receive(piece);
          answers.push(...decoded(wire));
          for (const done of written.splice(0)) done();
          answers.push(...decoded(wire));
        }
        t.true(answers.length > 0);
        t.true(answers.every(({type, channel}) => type === 'alive' && channel === 0));
        const told = answers.map(frame => (frame.type === 'alive' ? frame.number : 0));
        t.deepEqual(
          told,
          told.toSorted((one, other) => one - other),
        );
        t.is(told.at(-1), questions);
      }),
    );
  });

  test(`who asks without end and reads nothing gets one answer, and the last when that is written (by the ${role})`, t => {
    const {session, wire, written} = side(role);
    for (let number = 1; number <= 100_000; number++) session.receive(ask(number));
    t.deepEqual(decoded(wire), [{type: 'alive', channel: 0, number: 1}]);
    t.is(written.length, 1);
    written.shift()?.();
    t.deepEqual(decoded(wire), [{type: 'alive', channel: 0, number: 100_000}]);
    written.shift()?.();
    t.is(written.length, 0);
    t.deepEqual(decoded(wire), []);
  });

  test(`questions of our own are numbered, and one answer may count for several (to the ${role})`, t => {
    const {session, wire} = side(role);
    for (let count = 0; count < 3; count++) session.ask();
    t.deepEqual(
      decoded(wire).map(frame => frame.type === 'ask' && frame.number),
      [1, 2, 3],
    );
    session.receive(alive(1));
    session.receive(alive(3));
    session.ask();
    session.receive(alive(4));
    t.deepEqual(decoded(wire), [{type: 'ask', channel: 0, number: 4}]);
  });
}

const hostile: [string, Uint8Array[], RegExp][] = [
  ['a first question that is no first', [ask(2)], /question 2 after question 0/],
  ['a question left out', [ask(1), ask(3)], /question 3 after question 1/],
  ['a question once more', [ask(1), ask(1)], /question 1 after question 1/],
  ['an answer that nobody asked for', [alive(3)], /an answer to question 3, which was not asked/],
  ['an answer to no question', [alive(0)], /a second answer to question 0/],
  ['an answer twice', [alive(2), alive(2)], /a second answer to question 2/],
  ['an answer to what was answered', [alive(2), alive(1)], /a second answer to question 1/],
];
for (const [title, frames, message] of hostile)
  test(`a protocol error: ${title}`, t => {
    const {session} = side('relay');
    session.ask();
    session.ask();
    t.throws(() => session.receive(join(frames)), {instanceOf: ProtocolError, message});
  });
