import test from 'ava';
import fc from 'fast-check';
import {checkGreeting} from '../../windows/targets/greeting.ts';

const text = fc.string({maxLength: 60}).map(each => each.replace(/[\r\n]/g, ' '));

test('a greeting is known when its last line is complete, and not before', t => {
  const greeting = fc
    .tuple(
      fc.array(text, {maxLength: 5}),
      fc.constantFrom('OK', 'OK ', 'ERR '),
      text,
      fc.constantFrom('\n', '\r\n'),
    )
    .filter(([, word, rest]) => word !== 'OK' || rest === '')
    .map(([comments, word, rest, end]) =>
      [...comments.map(each => `# ${each}`), `${word}${rest}`, ''].join(end),
    );
  fc.assert(
    fc.property(greeting, whole => {
      const bytes = Buffer.from(whole);
      for (let length = 0; length < bytes.length; length++)
        t.is(checkGreeting(bytes.subarray(0, length)), false);
      t.is(checkGreeting(bytes), true);
      t.is(checkGreeting(Buffer.concat([bytes, Buffer.from('and what follows')])), true);
    }),
  );
});

test('anything else is refused at its first wrong byte, and whatever comes, a verdict does', t => {
  for (const wrong of ['K', 'OKAY\n', 'ER ', 'ERROR', 'HTTP/1.1 400', '\0', '\n', '# fine\nno'])
    t.is(typeof checkGreeting(Buffer.from(wrong)), 'string', wrong);
  t.is(checkGreeting(Buffer.from('# x\n'.repeat(16))), 'its greeting does not end');
  fc.assert(
    fc.property(fc.uint8Array({minLength: 20_000, maxLength: 20_000}), bytes => {
      t.not(checkGreeting(bytes), false);
    }),
    {numRuns: 20},
  );
});
