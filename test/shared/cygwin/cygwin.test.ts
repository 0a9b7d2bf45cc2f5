import test from 'ava';
import fc from 'fast-check';
import {parseSocketFile} from '../../../shared/assuan/socket-file.ts';
import {assuanCredentials, cygwinCredentials} from '../../../shared/cygwin/credentials.ts';
import {SecretExchange} from '../../../shared/cygwin/exchange.ts';
import {isCygwinSocketFile, parseCygwinSocketFile} from '../../../shared/cygwin/socket-file.ts';
import {cuts, join} from '../chunks.ts';

const SECRET = '00010203-04050607-08090A0B-0C0D0E0F';
/** Its groups are integers, which lie in memory with the last byte first. */
const WIRE = Buffer.from('03020100070605040b0a09080f0e0d0c', 'hex');

const port = fc.integer({min: 1, max: 65_535});
const bytes16 = fc.uint8Array({minLength: 16, maxLength: 16});

test('the secret goes over the wire as four little-endian integers', t => {
  t.deepEqual(parseCygwinSocketFile(Buffer.from(`!<socket >51234 s ${SECRET}\0`)), {
    port: 51_234,
    nonce: new Uint8Array(WIRE),
  });
});

test('upper case and lower, with NUL and without, are the same file', t => {
  fc.assert(
    fc.property(port, bytes16, fc.boolean(), fc.constantFrom('', '\0'), (number, nonce, upper, end) => {
      const groups = [0, 4, 8, 12].map(at =>
        Buffer.from(nonce).readUInt32LE(at).toString(16).padStart(8, '0'),
      );
      const secret = upper ? groups.join('-').toUpperCase() : groups.join('-');
      const file = Buffer.from(`!<socket >${number} s ${secret}${end}`);
      t.deepEqual(parseCygwinSocketFile(file), {port: number, nonce});
      t.deepEqual(parseSocketFile(file), {port: number, nonce, cygwin: true}, 'libassuan writes it, too');
    }),
  );
});

const wrong: [string, string, RegExp][] = [
  ['empty', '', /^is empty$/],
  ['a datagram socket', `!<socket >51234 d ${SECRET}\0`, /^is a datagram socket/],
  ['MSYS 1', `!<socket >51234 ${SECRET}\0`, /^is of MSYS 1.*use MSYS2 or Git for Windows 2$/],
  ['port 0', `!<socket >0 s ${SECRET}`, /^names no valid port$/],
  ['a port too large', `!<socket >65536 s ${SECRET}`, /^names no valid port$/],
  ['a port of six digits', `!<socket >100000 s ${SECRET}`, /^is damaged$/],
  ['no port', `!<socket > s ${SECRET}`, /^is damaged$/],
  ['another kind of socket', `!<socket >51234 x ${SECRET}`, /^is damaged$/],
  ['no hexadecimal', `!<socket >51234 s ${SECRET.replace('0F', '0G')}`, /^is damaged$/],
  ['something behind it', `!<socket >5123 s ${SECRET}\0\n`, /^is damaged$/],
  ['another cookie', `!<symlink>51234 s ${SECRET}`, /^is no socket file of Cygwin, MSYS2/],
  ['binary garbage', '\xff\xfe\xfd\0\xff\x80\xc1\xbf', /^is no socket file of Cygwin, MSYS2/],
  ['GnuPG’s own format', '51234\n0123456789abcdef', /^is a GnuPG socket file: write assuan:/],
  ['oversized', `!<socket >51234 s ${SECRET}\0${'x'.repeat(20)}`, /^is longer than 54 bytes/],
];
for (const [title, content, sentence] of wrong) {
  test(`what is no such file is told, without its bytes: ${title}`, t => {
    const result = parseCygwinSocketFile(Buffer.from(content, 'latin1'));
    t.regex(String(result), sentence);
    t.notRegex(String(result), /0102|0405|012345|51234/);
  });
}

test('a file cut short anywhere is never taken for a whole one', t => {
  const whole = Buffer.from(`!<socket >51234 s ${SECRET}`);
  for (let length = 1; length < whole.length; length++) {
    const part = whole.subarray(0, length);
    t.is(parseCygwinSocketFile(part), 'is cut short', `${length} bytes`);
    t.is(isCygwinSocketFile(part), length >= 10);
  }
});

test('any bytes are a socket file or a sentence', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 64}), fc.boolean(), (tail, cookie) => {
      const result = parseCygwinSocketFile(cookie ? Buffer.concat([Buffer.from('!<socket >'), tail]) : tail);
      t.true(typeof result === 'string' || (result.nonce.length === 16 && result.port > 0));
    }),
  );
});

test('credentials are 12 bytes for Cygwin and 8 for libassuan, of uid 0', t => {
  t.is(Buffer.from(cygwinCredentials(0x01_02_03)).toString('hex'), '030201000000000000000000');
  t.is(Buffer.from(assuanCredentials(0x01_02_03)).toString('hex'), '0302010000000000');
});

/** The server's whole side of an exchange, in any pieces, with what the agent says first behind it. */
const serverSide = fc
  .record({
    secret: bytes16,
    credentials: fc
      .constantFrom(8, 12)
      .chain(length => fc.uint8Array({minLength: length, maxLength: length})),
    early: fc.uint8Array({maxLength: 40}),
  })
  .chain(side => cuts(join([side.secret, side.credentials, side.early])).map(pieces => ({...side, pieces})));

test('the exchange counts exactly under every chunking, and what follows it is kept', t => {
  fc.assert(
    fc.property(serverSide, ({secret, credentials, early, pieces}) => {
      const mine = new Uint8Array(credentials.length).fill(7);
      const exchange = new SecretExchange(secret, mine);
      let came = 0;
      let sent = 0;
      const rest: Uint8Array[] = [];
      for (const piece of pieces) {
        came += piece.length;
        if (rest.length > 0) {
          rest.push(piece);
          continue;
        }
        const step = exchange.push(piece);
        t.is(step.wrong, undefined);
        if (step.send !== undefined) {
          t.is(step.send, mine);
          t.true(came >= 16 && ++sent === 1, 'once, and not before the secret is back');
        }
        const whole = 16 + credentials.length;
        t.is(exchange.awaits, came < 16 ? 'secret' : came < whole ? 'credentials' : 'nothing');
        t.is(step.rest !== undefined, came >= whole);
        if (step.rest !== undefined) rest.push(step.rest);
      }
      t.is(sent, 1);
      t.deepEqual(join(rest), early);
    }),
  );
});

test('a byte that is not the secret’s is told as soon as it comes', t => {
  fc.assert(
    fc.property(
      bytes16.chain(secret => cuts(secret).map(pieces => ({secret, pieces}))),
      fc.nat(15),
      fc.integer({min: 1, max: 255}),
      ({secret, pieces}, at, flip) => {
        const exchange = new SecretExchange(
          secret.map((byte, index) => (index === at ? byte ^ flip : byte)),
          new Uint8Array(12),
        );
        let came = 0;
        for (const piece of pieces) {
          came += piece.length;
          const step = exchange.push(piece);
          t.deepEqual(step, came > at ? {wrong: true} : {});
          if (step.wrong) return;
        }
        t.fail('it was never told');
      },
    ),
  );
});
