import test from 'ava';
import fc from 'fast-check';
import {addLines, holdsLines, removeLines, swapLines} from '../../../linux/install/lines.ts';

const bytes = fc.uint8Array({maxLength: 64});
const lines = fc.constantFrom('# ours\nx=1\n', '# >>> ours >>>\ny=2\n# <<< ours <<<\n');

test('lines that were added can be taken out again, byte for byte', t => {
  fc.assert(
    fc.property(bytes, lines, (content, ours) => {
      const added = addLines(content, ours);
      t.true(holdsLines(added.content, added.text));
      t.deepEqual(Buffer.from(removeLines(added.content, added.text)), Buffer.from(content));
    }),
  );
});

test('what a person wrote around them stays, each line a line of its own', t => {
  fc.assert(
    fc.property(bytes, bytes, lines, (content, later, ours) => {
      const added = addLines(content, ours);
      const whole = Buffer.concat([added.content, later]);
      const rest = Buffer.from(removeLines(whole, added.text));
      const newline = content.length > 0 && content.at(-1) !== 0x0a && later.length > 0 ? '\n' : '';
      t.deepEqual(rest, Buffer.concat([content, Buffer.from(newline), later]));
    }),
  );
});

test('lines are exchanged in their place', t => {
  fc.assert(
    fc.property(bytes, bytes, lines, lines, (content, later, old, next) => {
      const added = addLines(content, old);
      const swapped = swapLines(Buffer.concat([added.content, later]), added.text, next);
      t.deepEqual(Buffer.from(swapped.content), Buffer.concat([addLines(content, next).content, later]));
    }),
  );
});
