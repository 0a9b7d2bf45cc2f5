import test from 'ava';
import fc from 'fast-check';
import {ENDPOINT_PROTOCOLS} from '../../../shared/endpoint.ts';
import {FAILURE_CODES, type FailureReason} from '../../../shared/failure.ts';
import {FrameDecoder} from '../../../shared/protocol/decode.ts';
import {encodeFrame} from '../../../shared/protocol/encode.ts';
import {type Frame, ProtocolError} from '../../../shared/protocol/frames.ts';
import {CREDIT_MAX, PAYLOAD_MAX} from '../../../shared/protocol/limits.ts';
import {TARGETS_MAX} from '../../../shared/target.ts';
import {cuts, join} from '../chunks.ts';

const channel = fc.integer({min: 1, max: 0xffff_ffff});
const text = fc.string({unit: 'grapheme', maxLength: 200});
const failure = fc.record(
  {
    reason: fc.constantFrom(...(Object.keys(FAILURE_CODES) as FailureReason[])),
    message: text,
    hint: fc.string({minLength: 1}),
  },
  {requiredKeys: ['reason', 'message']},
);
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: fc.constant('open' as const),
    channel,
    protocol: fc.constantFrom(...ENDPOINT_PROTOCOLS),
    targets: fc.array(text, {minLength: 1, maxLength: TARGETS_MAX}),
  }),
  fc.record({
    type: fc.constant('opened' as const),
    channel,
    target: fc.nat(255),
    elapsed: fc.nat(0xffff_ffff),
    detail: text,
  }),
  fc.record({type: fc.constant('failed' as const), channel, failure}),
  fc.record({type: fc.constant('reset' as const), channel, failure}),
  fc.record({
    type: fc.constant('data' as const),
    channel,
    bytes: fc.uint8Array({minLength: 1, maxLength: 4000}),
  }),
  fc.record({type: fc.constant('credit' as const), channel, amount: fc.integer({min: 1, max: CREDIT_MAX})}),
  fc.record({type: fc.constant('end' as const), channel}),
  fc.record({
    type: fc.constantFrom('ask' as const, 'alive' as const),
    channel: fc.constant(0 as const),
    number: fc.nat(0xffff_ffff),
  }),
);

function decode(pieces: Uint8Array[]): Frame[] {
  const decoder = new FrameDecoder();
  const frames = pieces.flatMap(piece => [...decoder.push(piece)]);
  if (decoder.midFrame) throw new Error('bytes are left over');
  return frames;
}

/** With neighbours of one channel as one: where DATA is cut says nothing. */
function merged(frames: Frame[]): Frame[] {
  const result: Frame[] = [];
  for (const frame of frames) {
    const last = result.at(-1);
    if (frame.type === 'data' && last?.type === 'data' && last.channel === frame.channel)
      result.splice(-1, 1, {...last, bytes: join([last.bytes, frame.bytes])});
    else result.push(frame);
  }
  return result;
}

function wire(frames: Frame[]): Uint8Array {
  return join(frames.flatMap(encodeFrame));
}

test('frames survive the wire under every chunking', t => {
  const property = fc.property(
    fc
      .array(frame, {minLength: 1, maxLength: 8})
      .chain(frames => fc.tuple(fc.constant(frames), cuts(wire(frames)))),
    ([frames, pieces]) => {
      t.deepEqual(merged(decode(pieces)), merged(frames));
    },
  );
  fc.assert(property);
});

test('frames survive the wire byte by byte', t => {
  fc.assert(
    fc.property(fc.array(frame, {maxLength: 4}), frames => {
      t.deepEqual(merged(decode(Array.from(wire(frames), byte => Uint8Array.of(byte)))), merged(frames));
    }),
    {numRuns: 50},
  );
});

test('of a DATA frame each part is given on as it comes', t => {
  const decoder = new FrameDecoder();
  const bytes = Uint8Array.of(1, 2, 3, 4, 5);
  const all = wire([{type: 'data', channel: 7, bytes}]);
  const parts = [all.subarray(0, 10), all.subarray(10, 11), all.subarray(11)];
  const given = parts.map(part =>
    [...decoder.push(part)].map(frame => frame.type === 'data' && [...frame.bytes]),
  );
  t.deepEqual(given, [[[1, 2]], [[3]], [[4, 5]]]);
  t.false(decoder.midFrame);
});

test('random bytes give frames or a protocol error, nothing else', t => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({maxLength: 64}), {maxLength: 16}), pieces => {
      const decoder = new FrameDecoder();
      try {
        for (const piece of pieces) for (const _ of decoder.push(piece));
      } catch (error) {
        t.true(error instanceof ProtocolError, String(error));
      }
    }),
    {numRuns: 2000},
  );
  t.false(new FrameDecoder().midFrame);
});

function header(id: number, type: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(id, 0);
  bytes.writeUInt8(type, 4);
  bytes.writeUIntBE(length, 5, 3);
  return bytes;
}

const hostile: [string, Uint8Array, RegExp][] = [
  ['unknown type', header(1, 99, 0), /unknown frame type$/],
  ['channel 0', header(0, 4, 1), /channel 0/],
  ['a question on a channel', header(7, 8, 4), /an? ask frame for channel 7/],
  ['a sign of life on a channel', header(7, 9, 4), /an? alive frame for channel 7/],
  ['a question that is cut short', join([header(0, 8, 3), Uint8Array.of(0, 0, 1)]), /cut short/],
  ['a question with bytes too many', join([header(0, 8, 5), Uint8Array.of(0, 0, 0, 1, 0)]), /bytes too many/],
  ['payload beyond the cap', header(1, 4, PAYLOAD_MAX + 1), /more than 65536 bytes$/],
  ['the longest length there is', header(1, 4, 0xff_ffff), /more than 65536 bytes$/],
  ['empty data', header(1, 4, 0), /without data/],
  ['end with a payload', header(1, 6, 1), /end frame with a payload$/],
  ['no credit', join([header(1, 5, 4), Uint8Array.of(0, 0, 0, 0)]), /credit of nothing/],
  [
    'credit beyond all bounds',
    join([header(1, 5, 4), Uint8Array.of(255, 255, 255, 255)]),
    /beyond all bounds/,
  ],
  ['credit that is cut short', join([header(1, 5, 3), Uint8Array.of(0, 0, 1)]), /cut short/],
  ['credit with bytes too many', join([header(1, 5, 5), Uint8Array.of(0, 0, 1, 0, 0)]), /bytes too many/],
  ['open without targets', join([header(1, 1, 2), Uint8Array.of(0, 0)]), /0 targets/],
  [
    'open with a target that is cut short',
    join([header(1, 1, 4), Uint8Array.of(0, 1, 255, 255)]),
    /cut short/,
  ],
  ['open with an unknown protocol', join([header(1, 1, 2), Uint8Array.of(77, 1)]), /unknown protocol 77/],
  ['failed with an unknown reason', join([header(1, 3, 5), Uint8Array.of(200, 0, 0, 0, 0)]), /reason 200/],
];

for (const [title, bytes, message] of hostile) {
  test(`a hostile frame is refused as soon as it shows: ${title}`, t => {
    const decoder = new FrameDecoder();
    t.throws(() => [...decoder.push(bytes)], {instanceOf: ProtocolError, message});
  });
}

test('a payload over the cap is not encoded', t => {
  t.throws(() => encodeFrame({type: 'data', channel: 1, bytes: new Uint8Array(PAYLOAD_MAX + 1)}), {
    instanceOf: RangeError,
  });
});
