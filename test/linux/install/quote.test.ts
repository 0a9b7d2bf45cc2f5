import {execFileSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {UserError} from '../../../linux/errors.ts';
import {cshWord, fishWord, unitCommand, unitPath, unitWord} from '../../../linux/install/quote.ts';
import {shellWord} from '../../../shared/text.ts';

test('a shell reads a quoted word as it was', t => {
  const word = fc.string({unit: 'grapheme', minLength: 1}).filter(text => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word, {minLength: 1, maxLength: 20}), words => {
      const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
      const said = execFileSync('sh', ['-c', script], {encoding: 'utf8'});
      t.deepEqual(said.split('\0').slice(0, -1), words);
    }),
    {numRuns: 30},
  );
});

test('plain words stay as they are', t => {
  for (const quote of [shellWord, fishWord, cshWord, unitWord])
    t.is(quote('/usr/bin/x-1.2_3'), '/usr/bin/x-1.2_3');
});

test('each shell has its own escapes', t => {
  t.is(shellWord("it's"), "'it'\\''s'");
  t.is(fishWord("it's \\"), "'it\\'s \\\\'");
  t.is(cshWord("it's new!"), "'it'\\''s new\\!'");
});

test('systemd expands neither % nor $, and sees one word', t => {
  t.is(
    unitCommand(['/a b/node', '100%', '$HOME', 'say "hi"\\']),
    '":/a b/node" "100%%" "$HOME" "say \\"hi\\"\\\\"',
  );
  t.is(unitPath('/a b/100%'), '/a b/100%%');
});

test('systemd takes no program with a quote in its path, a shell does', t => {
  t.is(
    unitCommand(["/mnt/c/O'Brien/x.exe", 'a b']),
    `:/bin/sh -c "exec \\"$0\\" \\"$@\\"" "/mnt/c/O'Brien/x.exe" "a b"`,
  );
});

test('what no unit can name is refused', t => {
  for (const path of ['/a\nb', '/a\u0007', '/a\\', '/a '])
    t.throws(() => unitPath(path), {instanceOf: UserError});
  t.throws(() => unitWord('a\nb'), {instanceOf: UserError});
});
