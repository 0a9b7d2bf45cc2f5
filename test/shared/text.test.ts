import test from 'ava';
import fc from 'fast-check';
import {oneLine, oneLineOfBytes} from '../../shared/text.ts';

test('text from outside cannot forge a line, an escape sequence or a writing direction', t => {
  t.is(oneLine('a\r\nb\u001b[2Jc\u202ed\u2028e\u0085f'), 'a b [2Jc d e f');
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), text => {
      t.notRegex(oneLine(text), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
  );
});

test('long text is cut, bytes that are no text are shown as such', t => {
  t.is(oneLine('x'.repeat(10), 4), 'xxxx…');
  t.is(oneLineOfBytes(Uint8Array.of(0x4d, 0x5a, 0x90, 0xff)), 'MZ\ufffd\ufffd');
});
