import test from 'ava';
import fc from 'fast-check';
import {parseConfig} from '../../../windows/pageant/config-text.ts';

const PIPE = 'pageant.Ada Lovelace.2e9e7389b30cd8240bf15518e9a228d6537dc38d64b2070a189ca2fe5452d492';

/** What can be a pipe's name: no separator, no control character, and no space or quote where it would be cut off. */
const NAME = fc
  .string({minLength: 1, maxLength: 100})
  .filter(name => !/[\\/"\p{Cc}\u2028\u2029]/u.test(name) && name === name.trim());

const ROWS: [title: string, text: string, expected: ReturnType<typeof parseConfig>][] = [
  ['0.77 and 0.78', `IdentityAgent \\\\.\\pipe\\${PIPE}\n`, {pipe: PIPE}],
  ['0.79 and later', `IdentityAgent "//./pipe/${PIPE}"\n`, {pipe: PIPE}],
  ['lines that end in CR LF', `IdentityAgent "//./pipe/${PIPE}"\r\n`, {pipe: PIPE}],
  ['bare, with CR LF', `IdentityAgent \\\\.\\pipe\\${PIPE}\r\n`, {pipe: PIPE}],
  ['no end of line', `IdentityAgent "//./pipe/${PIPE}"`, {pipe: PIPE}],
  ['backslashes in quotes', `IdentityAgent "\\\\.\\pipe\\${PIPE}"\n`, {pipe: PIPE}],
  ['other lines and another case', `# mine\n\nHost *\n\tidentityagent  //./PIPE/a\n`, {pipe: 'a'}],
  ['a first line that names no pipe', 'IdentityAgent none\nIdentityAgent //./pipe/b\n', {pipe: 'b'}],
  ['nothing', '', 'empty'],
  ['only ends of lines', '\r\n \n', 'empty'],
  ['something else', 'PuTTY-User-Key-File-3: ssh-ed25519\n', 'garbage'],
  ['a socket of Linux', 'IdentityAgent "/run/user/1000/agent.sock"\n', 'garbage'],
  ['a pipe of another machine', 'IdentityAgent "//server/pipe/x"\n', 'garbage'],
  ['a way out of the pipes', 'IdentityAgent \\\\.\\pipe\\..\\C:\\x\n', 'garbage'],
  ['no name', 'IdentityAgent "//./pipe/"\n', 'garbage'],
  ['a quote that does not end', 'IdentityAgent "//./pipe/x\n', 'garbage'],
  ['a name that Windows does not take', `IdentityAgent "//./pipe/${'x'.repeat(257)}"\n`, 'garbage'],
  ['a commented line', `#IdentityAgent "//./pipe/${PIPE}"\n`, 'garbage'],
];

for (const [title, text, expected] of ROWS) {
  test(`a file with ${title}`, t => {
    t.deepEqual(parseConfig(text), expected);
  });
}

test('any name is read back from both formats, whatever the end of the line', t => {
  fc.assert(
    fc.property(NAME, fc.constantFrom('', '\n', '\r\n', '\r'), (name, end) => {
      t.deepEqual(parseConfig(`IdentityAgent \\\\.\\pipe\\${name}${end}`), {pipe: name});
      t.deepEqual(parseConfig(`IdentityAgent "//./pipe/${name}"${end}`), {pipe: name});
    }),
  );
});

test('whatever a file holds, what comes out is one of the three', t => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('IdentityAgent ', '"', '//./pipe/', '\\\\.\\pipe\\', '\n', '\r'),
  );
  fc.assert(
    fc.property(fc.array(piece, {maxLength: 20}), pieces => {
      const parsed = parseConfig(pieces.join(''));
      if (typeof parsed === 'string') t.true(['empty', 'garbage'].includes(parsed));
      else t.regex(parsed.pipe, /^[^\\/]{1,256}$/u);
    }),
  );
});
