import test from 'ava';
import fc from 'fast-check';
import type {Failure} from '../../../shared/failure.ts';
import {encodeFrame} from '../../../shared/protocol/encode.ts';
import {type Frame, ProtocolError} from '../../../shared/protocol/frames.ts';
import {encodeGreeting} from '../../../shared/protocol/greeting.ts';
import {
  CHANNELS_MAX,
  CREDIT_MAX,
  CREDIT_STEP,
  INITIAL_CREDIT,
  PAYLOAD_MAX,
} from '../../../shared/protocol/limits.ts';
import {Session, type SessionRole, type SessionWrite} from '../../../shared/protocol/session.ts';
import {VERSION} from '../../../shared/version.ts';
import {cutAt, join} from '../chunks.ts';

type Seen = {
  data: Map<number, Uint8Array[]>;
  ended: number[];
  drained: number[];
  opened: number[];
  closed: Map<number, Failure | undefined>;
};

/** What an owner does at once when it is told of something. */
type React = (session: Session, event: 'data' | 'end' | 'drain', channel: number) => void;

/** A session whose output waits in `wire`, and what it told its owner. */
function side(role: SessionRole, react: React = () => {}) {
  const wire: Uint8Array[] = [];
  const seen: Seen = {data: new Map(), ended: [], drained: [], opened: [], closed: new Map()};
  const write: SessionWrite = (pieces, written) => {
    wire.push(...pieces);
    written?.();
  };
  const session: Session = new Session(role, write, {
    greeted() {},
    open: channel => seen.opened.push(channel),
    opened: channel => seen.opened.push(channel),
    data: (channel, bytes) => {
      seen.data.set(channel, [...(seen.data.get(channel) ?? []), bytes.slice()]);
      react(session, 'data', channel);
    },
    end: channel => {
      seen.ended.push(channel);
      react(session, 'end', channel);
    },
    drain: channel => {
      seen.drained.push(channel);
      react(session, 'drain', channel);
    },
    closed: (channel, failure) => seen.closed.set(channel, failure),
  });
  return {session, wire, seen};
}

type Side = ReturnType<typeof side>;

/** Carries what waits on one side to the other, cut by `points`. */
function carry(from: Side, to: Side, points: number[] = []): void {
  for (const piece of cutAt(join(from.wire.splice(0)), points))
    if (piece.length > 0) to.session.receive(piece);
}

/** More turns than this are two sides that answer each other for ever. */
const TURNS_MAX = 100;

/** Both ways until nothing moves. */
function settle(a: Side, b: Side): void {
  for (let turn = 0; a.wire.length > 0 || b.wire.length > 0; turn++) {
    if (turn > TURNS_MAX) throw new Error('the two sides never fall silent');
    carry(a, b);
    carry(b, a);
  }
}

function pair(react?: {relay: React; helper: React}): {relay: Side; helper: Side} {
  const [relay, helper] = [side('relay', react?.relay), side('helper', react?.helper)];
  settle(relay, helper);
  return {relay, helper};
}

test('random traffic on several channels arrives in order, whole, and ends cleanly', t => {
  const step = fc.record({
    from: fc.constantFrom('relay' as const, 'helper' as const),
    channel: fc.nat(2),
    size: fc.integer({min: 1, max: 150_000}),
    points: fc.array(fc.integer({min: 1, max: 400_000}), {maxLength: 6}),
  });
  const property = fc.property(fc.array(step, {maxLength: 30}), steps => {
    const sides = pair();
    const ids = [0, 1, 2].map(() => sides.relay.session.open('raw', ['pipe:x']));
    const sent = {relay: new Map<number, Uint8Array[]>(), helper: new Map<number, Uint8Array[]>()};
    settle(sides.relay, sides.helper);
    for (const [index, {from, channel, size, points}] of steps.entries()) {
      const id = ids[channel] ?? 0;
      const bytes = new Uint8Array(size).fill(index + 1);
      sides[from].session.data(id, bytes);
      sent[from].set(id, [...(sent[from].get(id) ?? []), bytes]);
      carry(sides[from], from === 'relay' ? sides.helper : sides.relay, points);
    }
    for (const id of ids) {
      sides.relay.session.end(id);
      sides.helper.session.end(id);
    }
    // Deliver and give credit back until nothing moves.
    const given = new Map<string, number>();
    for (let moved = true; moved; ) {
      settle(sides.relay, sides.helper);
      moved = false;
      for (const name of ['relay', 'helper'] as const)
        for (const id of ids) {
          const total = join(sides[name].seen.data.get(id) ?? []).length;
          const before = given.get(name + id) ?? 0;
          if (total === before) continue;
          sides[name].session.consumed(id, total - before);
          given.set(name + id, total);
          moved = true;
        }
    }
    for (const id of ids) {
      t.deepEqual(join(sides.helper.seen.data.get(id) ?? []), join(sent.relay.get(id) ?? []));
      t.deepEqual(join(sides.relay.seen.data.get(id) ?? []), join(sent.helper.get(id) ?? []));
      for (const name of ['relay', 'helper'] as const) {
        t.true(sides[name].seen.ended.includes(id));
        t.true(sides[name].seen.closed.has(id));
        t.is(sides[name].seen.closed.get(id), undefined);
      }
    }
    t.is(sides.relay.session.size, 0);
    t.is(sides.helper.session.size, 0);
  });
  fc.assert(property, {numRuns: 25});
});

test('random interleavings of every call never make two honest sides accuse each other, and leave nothing open', t => {
  const call = fc.record({
    who: fc.constantFrom('relay' as const, 'helper' as const),
    what: fc.constantFrom(
      ...([
        'open',
        'opened',
        'data',
        'end',
        'abandon',
        'reset',
        'failed',
        'consumed',
        'ask',
        'carry',
      ] as const),
    ),
    channel: fc.integer({min: 1, max: 3}),
    points: fc.array(fc.integer({min: 1, max: 2000}), {maxLength: 3}),
  });
  const reaction = fc.record({
    event: fc.constantFrom('data', 'end', 'drain'),
    what: fc.constantFrom('end', 'abandon', 'reset', 'nothing'),
  });
  const reactions = fc.record({
    relay: fc.array(reaction, {maxLength: 3}),
    helper: fc.array(reaction, {maxLength: 3}),
  });
  const gone: Failure = {reason: 'gone', message: ''};
  /** An owner that does the first thing that is meant for this event. */
  const owner =
    (plan: {event: string; what: string}[], mayAbandon: boolean): React =>
    (session, event, channel) => {
      const what = plan.find(each => each.event === event)?.what;
      if (what === 'end') session.end(channel);
      if (what === 'abandon' && mayAbandon) session.abandon(channel, gone);
      if (what === 'reset') session.reset(channel, gone);
    };
  const plans = fc.array(call, {minLength: 30, maxLength: 80, size: 'max'});
  const property = fc.property(plans, reactions, (calls, {relay, helper}) => {
    const sides = pair({relay: owner(relay, true), helper: owner(helper, false)});
    const opened = new Set<number>();
    for (const {who, what, channel, points} of calls) {
      const {session, seen} = sides[who];
      const other = who === 'relay' ? sides.helper : sides.relay;
      if (what === 'carry') carry(sides[who], other, points);
      if (what === 'open' && who === 'relay') session.open('raw', ['pipe:x']);
      if (what === 'ask') session.ask();
      if (what === 'end') session.end(channel);
      if (what === 'abandon' && who === 'relay') session.abandon(channel, gone);
      if (what === 'reset') session.reset(channel, gone);
      if (what === 'data') session.data(channel, new Uint8Array(300));
      const answers = who === 'helper' && seen.opened.includes(channel) && !opened.has(channel);
      if (answers && what === 'opened') session.opened(channel, 0, 1, 'x');
      if (answers && what === 'failed') session.failed(channel, gone);
      if (answers && (what === 'opened' || what === 'failed')) opened.add(channel);
    }
    settle(sides.relay, sides.helper);
    for (let id = 1; id <= 80; id++) {
      sides.relay.session.end(id);
      sides.helper.session.end(id);
    }
    settle(sides.relay, sides.helper);
    t.is(sides.relay.session.size, 0);
    t.is(sides.helper.session.size, 0);
  });
  fc.assert(property, {numRuns: 500});
});

test('no more than the credit is sent until some is given back', t => {
  const {relay, helper} = pair();
  const id = relay.session.open('raw', ['pipe:x']);
  t.false(relay.session.data(id, new Uint8Array(INITIAL_CREDIT + 10)));
  relay.session.end(id);
  carry(relay, helper);
  t.is(join(helper.seen.data.get(id) ?? []).length, INITIAL_CREDIT);
  t.deepEqual(helper.seen.ended, []);
  helper.session.consumed(id, CREDIT_STEP - 1);
  t.is(helper.wire.length, 0, 'credit is given back in steps');
  helper.session.consumed(id, 1);
  carry(helper, relay);
  t.deepEqual(relay.seen.drained, [id]);
  carry(relay, helper);
  t.is(join(helper.seen.data.get(id) ?? []).length, INITIAL_CREDIT + 10);
  t.deepEqual(helper.seen.ended, [id]);
});

test('a channel that is ended in its own drain event is closed once', t => {
  let closed = 0;
  const helper = side('helper');
  const wire: Uint8Array[] = [];
  const relay = new Session('relay', pieces => wire.push(...pieces), {
    greeted() {},
    open() {},
    opened() {},
    data() {},
    end() {},
    drain: channel => relay.end(channel),
    closed: () => closed++,
  });
  for (const piece of helper.wire.splice(0)) relay.receive(piece);
  const id = relay.open('raw', ['pipe:x']);
  relay.data(id, new Uint8Array(INITIAL_CREDIT + 1));
  for (const piece of wire.splice(0)) helper.session.receive(piece);
  helper.session.end(id);
  helper.session.consumed(id, CREDIT_STEP);
  for (const piece of helper.wire.splice(0)) relay.receive(piece);
  t.is(closed, 1);
});

test('a channel that is reset when its last end comes is over, and neither side says more of it', t => {
  const gone: Failure = {reason: 'gone', message: ''};
  const {relay, helper} = pair({
    relay: (session, event, channel) => {
      if (event === 'end') session.reset(channel, gone);
    },
    helper: (session, event, channel) => {
      if (event === 'end') session.end(channel);
    },
  });
  const id = relay.session.open('ssh-agent', ['pipe:x']);
  relay.session.end(id);
  settle(relay, helper);
  t.deepEqual([relay.session.size, helper.session.size], [0, 0]);
  t.deepEqual([relay.seen.closed.size, [...helper.seen.closed]], [0, [[id, undefined]]]);
});

test('a slow reader on one channel does not stop another', t => {
  const {relay, helper} = pair();
  const [slow, quick] = [relay.session.open('raw', ['pipe:x']), relay.session.open('raw', ['pipe:x'])];
  relay.session.data(slow, new Uint8Array(10 * INITIAL_CREDIT));
  t.true(relay.session.data(quick, new Uint8Array(100)));
  carry(relay, helper);
  t.is(join(helper.seen.data.get(quick) ?? []).length, 100);
});

test('a failure reaches the relay with its reason, and late data of the client is dropped without complaint', t => {
  const {relay, helper} = pair();
  const id = relay.session.open('ssh-agent', ['pipe:x']);
  carry(relay, helper);
  const failure: Failure = {reason: 'absent', message: 'pipe:x does not exist', hint: 'start it'};
  helper.session.failed(id, failure);
  relay.session.data(id, new Uint8Array(10));
  relay.session.end(id);
  settle(relay, helper);
  t.deepEqual(relay.seen.closed.get(id), failure);
  t.deepEqual(helper.seen.data.get(id), undefined);
  t.is(helper.session.size, 0);
});

/** What a hostile peer says after a clean start with channel 1 open; a prefix of frames, then the offence. */
const hostile: [string, SessionRole, Frame[], RegExp][] = [
  [
    'data for a channel that was never opened',
    'relay',
    [data(7, 1)],
    /data frame for a channel that was never opened$/,
  ],
  ['data for a closed channel', 'helper', [end(1), data(1, 1)], /data after end/],
  ['data after both ends', 'relay', [end(1), data(1, 1)], /channel 1, which is closed/],
  ['a second end', 'helper', [end(1), end(1)], /second end/],
  [
    'data beyond the credit',
    'helper',
    [...Array.from({length: INITIAL_CREDIT / PAYLOAD_MAX}, () => data(1, PAYLOAD_MAX)), data(1, 1)],
    /beyond the credit/,
  ],
  [
    'credit beyond all bounds',
    'helper',
    [{type: 'credit', channel: 1, amount: CREDIT_MAX}],
    /beyond all bounds/,
  ],
  [
    'open from the helper',
    'relay',
    [{type: 'open', channel: 9, protocol: 'raw', targets: ['x']}],
    /wrong side/,
  ],
  ['opened from the relay', 'helper', [opened(1)], /wrong side/],
  ['opened after end', 'relay', [end(1), opened(1)], /opened after end/],
  [
    'failed after end',
    'relay',
    [end(1), {type: 'failed', channel: 1, failure: {reason: 'busy', message: ''}}],
    /failed after end/,
  ],
  ['opened twice', 'relay', [opened(1), opened(1)], /second opened/],
  [
    'failed after opened',
    'relay',
    [opened(1), {type: 'failed', channel: 1, failure: {reason: 'busy', message: ''}}],
    /failed after opened/,
  ],
  [
    'an id used again',
    'helper',
    [{type: 'open', channel: 1, protocol: 'raw', targets: ['x']}],
    /opened after channel 1/,
  ],
  [
    'too many channels',
    'helper',
    Array.from(
      {length: CHANNELS_MAX},
      (_, index): Frame => ({type: 'open', channel: index + 2, protocol: 'raw', targets: ['x']}),
    ),
    /more than 4096 channels/,
  ],
];

function data(channel: number, size: number): Frame {
  return {type: 'data', channel, bytes: new Uint8Array(size)};
}
function end(channel: number): Frame {
  return {type: 'end', channel};
}
function opened(channel: number): Frame {
  return {type: 'opened', channel, target: 0, elapsed: 0, detail: ''};
}

for (const [title, role, frames, message] of hostile) {
  test(`a hostile peer gets a protocol error: ${title} (seen by the ${role})`, t => {
    const victim = side(role);
    victim.session.receive(encodeGreeting(VERSION));
    if (role === 'relay') {
      const id = victim.session.open('raw', ['pipe:x']);
      if (title.includes('both ends')) victim.session.end(id);
    } else
      victim.session.receive(join(encodeFrame({type: 'open', channel: 1, protocol: 'raw', targets: ['x']})));
    const bytes = join(frames.flatMap(encodeFrame));
    t.throws(() => victim.session.receive(bytes), {instanceOf: ProtocolError, message});
  });
}

test('a stream that ends inside a frame is an error, one that ends between frames is not', t => {
  const {relay, helper} = pair();
  relay.session.open('raw', ['pipe:x']);
  const bytes = join(relay.wire.splice(0));
  helper.session.receive(bytes.subarray(0, 5));
  t.throws(() => helper.session.finish(), {instanceOf: ProtocolError, message: /inside a frame/});
  helper.session.receive(bytes.subarray(5));
  t.notThrows(() => helper.session.finish());
});

test('what was sent on a channel that is abandoned still arrives, and nobody hears of answers', t => {
  const {relay, helper} = pair();
  const id = relay.session.open('raw', ['pipe:x']);
  const bytes = new Uint8Array(INITIAL_CREDIT + 100_000).map((_, index) => index % 251);
  relay.session.data(id, bytes);
  relay.session.abandon(id, {reason: 'gone', message: 'went'});
  helper.session.opened(id, 0, 1, '');
  helper.session.data(id, new Uint8Array(INITIAL_CREDIT + 1));
  settle(relay, helper);
  t.is(relay.seen.closed.size, 0);
  // the other side is not kept from sending
  helper.session.data(id, new Uint8Array(INITIAL_CREDIT));
  settle(relay, helper);
  helper.session.consumed(id, INITIAL_CREDIT);
  settle(relay, helper);
  t.deepEqual(join(helper.seen.data.get(id) ?? []), bytes);
  t.deepEqual(helper.seen.ended, [id]);
  t.is(helper.seen.closed.get(id)?.reason, 'gone');
  t.is(relay.seen.data.size, 0);
  t.deepEqual([...relay.seen.closed], [[id, undefined]]);
  t.deepEqual([relay.session.size, helper.session.size], [0, 0]);
});

test('a channel that is abandoned ends without a reset when the other side has ended', t => {
  const {relay, helper} = pair();
  const id = relay.session.open('raw', ['pipe:x']);
  settle(relay, helper);
  helper.session.end(id);
  settle(relay, helper);
  relay.session.abandon(id, {reason: 'gone', message: 'went'});
  settle(relay, helper);
  t.deepEqual([...relay.seen.closed], [[id, undefined]]);
  t.deepEqual([...helper.seen.closed], [[id, undefined]]);
});
