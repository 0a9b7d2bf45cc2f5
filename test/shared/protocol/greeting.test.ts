import test from 'ava';
import fc from 'fast-check';
import {ProtocolError} from '../../../shared/protocol/frames.ts';
import {encodeGreeting, GreetingDecoder, MAGIC, VersionMismatch} from '../../../shared/protocol/greeting.ts';
import {cuts, join} from '../chunks.ts';

const version = fc.string({unit: fc.constantFrom(...'0123456789.-abc'), minLength: 1, maxLength: 40});

test('a greeting is read under every chunking and what follows it is kept', t => {
  const property = fc.property(
    fc
      .tuple(version, fc.uint8Array({maxLength: 60}))
      .chain(([ours, rest]) =>
        fc.tuple(fc.constant(ours), fc.constant(rest), cuts(join([encodeGreeting(ours), rest]))),
      ),
    ([ours, rest, pieces]) => {
      const decoder = new GreetingDecoder(ours);
      const after: Uint8Array[] = [];
      let done = false;
      for (const piece of pieces) {
        const out: Uint8Array | undefined = done ? piece : decoder.push(piece);
        done ||= out !== undefined;
        if (out !== undefined) after.push(out);
      }
      t.true(done);
      t.deepEqual(join(after), rest);
    },
  );
  fc.assert(property);
});

test('another version is a mismatch that names both', t => {
  const error = t.throws(() => new GreetingDecoder('0.4.0').push(encodeGreeting('0.3.0')), {
    instanceOf: VersionMismatch,
  });
  t.is(error.message, 'version "0.3.0" does not match "0.4.0"');
  t.is(error.theirs, '0.3.0');
});

test('another relay protocol is refused', t => {
  const bytes = encodeGreeting('1.0.0');
  bytes[MAGIC.length] = 9;
  t.throws(() => new GreetingDecoder('1.0.0').push(bytes), {
    instanceOf: ProtocolError,
    message: /relay protocol 9/,
  });
});

test('stray output is shown, in one safe line', t => {
  const stray = new TextEncoder().encode('wsl: \u001b[31mError\r\nsecond line\n');
  t.throws(() => new GreetingDecoder('1.0.0').push(stray), {
    instanceOf: ProtocolError,
    message: 'stray output instead of a greeting: wsl:  [31mError second line',
  });
});

test('a channel that translates text damages the magic', t => {
  const translated = Buffer.from(
    Buffer.from(encodeGreeting('1.0.0')).toString('latin1').replace('\r\n', '\n'),
    'latin1',
  );
  t.throws(() => new GreetingDecoder('1.0.0').push(translated), {instanceOf: ProtocolError});
});

test('an overlong version is refused before it is waited for', t => {
  const bytes = encodeGreeting('1.0.0').slice(0, MAGIC.length + 2);
  bytes[MAGIC.length + 1] = 255;
  t.throws(() => new GreetingDecoder('1.0.0').push(bytes), {instanceOf: ProtocolError, message: /255 bytes/});
});
