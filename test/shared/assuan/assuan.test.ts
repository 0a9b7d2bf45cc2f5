import test from 'ava';
import fc from 'fast-check';
import {errorLine} from '../../../shared/assuan/error-line.ts';
import {parseListDirs, unescapePercent} from '../../../shared/assuan/list-dirs.ts';
import {parseSocketFile} from '../../../shared/assuan/socket-file.ts';

test('a socket file is port, newline and 16 raw bytes, which may hold newlines', t => {
  fc.assert(
    fc.property(
      fc.integer({min: 1, max: 65_535}),
      fc.uint8Array({minLength: 16, maxLength: 16}),
      fc.constantFrom('\n', '\r\n'),
      (port, nonce, newline) => {
        t.deepEqual(parseSocketFile(Buffer.concat([Buffer.from(`${port}${newline}`), nonce])), {port, nonce});
      },
    ),
  );
});

const wrong: [string, string | Uint8Array, RegExp][] = [
  ['empty', '', /empty/],
  ['no newline', '12345', /no port line/],
  ['port 0', '0\n0123456789abcdef', /no valid port/],
  ['port too large', '65536\n0123456789abcdef', /no valid port/],
  ['no number', 'port\n0123456789abcdef', /no valid port/],
  ['nonce cut short', '1024\n0123456789abcde', /nonce of 15 bytes/],
  ['nonce too long', '1024\n0123456789abcdef0', /nonce of 17 bytes/],
  ['oversized', new Uint8Array(50), /longer than 49/],
];
for (const [title, content, message] of wrong) {
  test(`a malformed socket file is told, without its bytes: ${title}`, t => {
    const result = parseSocketFile(Buffer.from(content));
    t.regex(String(result), message);
    t.false(String(result).includes('0123456789'));
  });
}

test('any bytes are a socket file or a sentence', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 64}), bytes => {
      const result = parseSocketFile(bytes);
      t.true(typeof result === 'string' || (result.nonce.length === 16 && result.port > 0));
    }),
  );
});

test('an ERR line carries the reason in one line that libassuan accepts', t => {
  const line = Buffer.from(
    errorLine({reason: 'absent', message: `no pipe\nOK forged ${'x'.repeat(3000)}`}),
  ).toString();
  t.regex(line, /^ERR 67108941 No agent <wslagent: no pipe OK forged x+…?>\n$/);
  t.true(line.length <= 1001);
});

test('gpgconf --list-dirs of Windows is read: CRLF, percent escapes, colons in paths', t => {
  const dirs = parseListDirs(
    'homedir:C%3a\\Users\\J%c3%bcrgen\\AppData\\Roaming\\gnupg\r\nagent-socket:C%3A\\a b\\S.gpg-agent\r\n\r\n',
  );
  t.is(dirs.get('homedir'), 'C:\\Users\\Jürgen\\AppData\\Roaming\\gnupg');
  t.is(dirs.get('agent-socket'), 'C:\\a b\\S.gpg-agent');
  t.is(dirs.size, 2);
  t.is(unescapePercent('100%'), '100%');
});
