// needs: pageant, ssh
import {readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {poll} from '../poll.ts';
import {comments, FAILURE, message, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, chainFor} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {listAndSign} from './list-and-sign.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';

const WINDOW = 'the Pageant window of pageant.exe';
/** Every request is a frame with a key, data and flags. */
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
/** What Pageant's window takes at most, length field included, in bytes. */
const WINDOW_MAX = 262_144;

let bed: PageantBed;
/** A folder that Windows sees as well. */
let folder: string;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
  folder = path.dirname(bed.ed25519.publicPath);
});

test.after.always(() => bed?.stop());

/** A file in that folder; its name on Linux, and the target that names it. */
async function configFile(name: string, text: string | Buffer): Promise<{file: string; target: string}> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return {file, target: `pageant:${bed.twin.toWindows(file)}`};
}

const FORMS: [title: string, target: () => Promise<string>, answers: () => string][] = [
  ['the pipe by its computed name', async () => 'pageant:pipe', () => bed.pageant.pipe],
  ['wherever it is', async () => 'pageant', () => bed.pageant.pipe],
  [
    'a file as 0.77 writes it',
    async () =>
      (await configFile('old.conf', `IdentityAgent ${bed.pageant.pipe.replaceAll('/', '\\')}\n`)).target,
    () => bed.pageant.pipe,
  ],
  [
    'the file that it wrote itself',
    async () => {
      // as 0.79 and later write it
      const file = path.join(folder, 'pageant.conf');
      if (!(await readFile(file, 'utf8')).startsWith('IdentityAgent "//./pipe/'))
        throw new Error('another format');
      return `pageant:${bed.twin.toWindows(file)}`;
    },
    () => bed.pageant.pipe,
  ],
  ['its window', async () => 'pageant:window', () => WINDOW],
];

for (const [title, target, answers] of FORMS)
  test.serial(`Pageant through ${title}: ssh-add and a signature of each key, verified`, async t => {
    const chain = await chainFor(t, bed.twin, {target: await target()});
    for (const key of [bed.ed25519, bed.rsa]) await listAndSign(t, bed.twin, chain, key);
    const [said] = chain.lines.filter(line => line.includes(' answered in '));
    t.true(said?.includes(`(${answers()}) answered in `), said);
    t.deepEqual(
      chain.lines.filter(line => / (warning|error): /.test(line)),
      [],
    );
  });

test.serial(
  'one client connection asks the window again and again, also for what fills its memory',
  async t => {
    const chain = await chainFor(t, bed.twin, {target: 'pageant:window'});
    const client = await Client.to(chain.socket);
    for (let count = 0; count < 5; count++)
      t.deepEqual(comments(await client.ask(REQUEST_IDENTITIES)).sort(), ['elliptic', 'long ago']);
    const fixed = signRequest(bed.ed25519.publicBlob, 0).length;
    const answer = await client.ask(signRequest(bed.ed25519.publicBlob, WINDOW_MAX - fixed));
    t.is(answer[4], SIGN_RESPONSE);
    t.deepEqual(await client.ask(message(200)), FAILURE);
    t.is((await client.ask(REQUEST_IDENTITIES))[4], 12);
    // one byte more than there is room for
    t.deepEqual(await client.ask(signRequest(bed.ed25519.publicBlob, WINDOW_MAX - fixed + 1)), FAILURE);
    client.endWriting();
    t.is((await client.rest()).length, 0);
    await chain.line(
      / warning: socket#1: .* a request of 262145 bytes is too long for pageant\.exe, whose window takes 262144/,
    );
  },
);

test.serial('twenty at the same moment through one helper and its window', async t => {
  const chain = await chainFor(t, bed.twin, {target: 'pageant:window', sharing: 'always'});
  const answers = Array.from({length: 20}, () => askOnce(chain.socket, REQUEST_IDENTITIES));
  for (const answer of await Promise.all(answers)) t.is(comments(answer).length, 2);
  t.is(chain.helpers().length, 1);
});

const BAD_FILES: [title: string, text: string | Buffer | undefined, told: RegExp][] = [
  ['emptied', '', /emptied\.conf is empty: the Pageant that wrote it has exited/],
  ['garbage', '\u0000\u0001\u0002IdentityAgent', /has no IdentityAgent line that names a pipe of windows/],
  ['missing', undefined, /missing\.conf does not exist/],
  [
    'stale',
    'IdentityAgent "//./pipe/pageant.ada.0"\n',
    /names pipe \/\/\.\/pipe\/pageant\.ada\.0, which does not exist: the Pageant that wrote it has ended/,
  ],
  [
    'of a user whose name is not ASCII',
    // in the code page of Western Europe, as Pageant writes it there
    Buffer.from('IdentityAgent "//./pipe/pageant.J\u00fcrgen.0"\n', 'latin1'),
    /names pipe \/\/\.\/pipe\/pageant\.Jürgen\.0, which does not exist/,
  ],
];

for (const [title, text, told] of BAD_FILES)
  test.serial(`a file that is ${title}: a refusal for the client, and one line with a hint`, async t => {
    const {file, target} = await configFile(`${title}.conf`, text ?? '');
    if (text === undefined) await rm(file);
    const chain = await chainFor(t, bed.twin, {target});
    t.deepEqual(await askOnce(chain.socket, REQUEST_IDENTITIES), FAILURE);
    t.regex(await chain.line(/ warning: socket#1: /), told);
    await chain.line(/ hint: .*pageant/);
  });

test.serial('a raw endpoint has no window to go to', async t => {
  const chain = await chainFor(t, bed.twin, {target: 'pageant:window', protocol: 'raw'});
  const client = await Client.to(chain.socket);
  t.is((await client.rest()).length, 0);
  await chain.line(/ warning: socket#1: .*Pageant's window takes whole ssh-agent requests/);
});

test.serial('a client that stays finds the Pageant that was started again', async t => {
  const chain = await chainFor(t, bed.twin, {target: 'pageant:window'});
  const client = await Client.to(chain.socket);
  t.is(comments(await client.ask(REQUEST_IDENTITIES)).length, 2);
  await bed.pageant.stop();
  const other = await askOnce(chain.socket, REQUEST_IDENTITIES);
  t.deepEqual(other, FAILURE);
  await chain.line(/ warning: socket#2: .*no program has Pageant's window/);
  await bed.again();
  // it makes its window a moment after its pipe
  await poll(
    "Pageant's window",
    CEILING,
    async () => (await askOnce(chain.socket, REQUEST_IDENTITIES))[4] === 12,
  );
  t.is(comments(await client.ask(REQUEST_IDENTITIES)).length, 0);
  client.close();
});

/** A request to sign so many bytes. */
function signRequest(blob: Uint8Array, length: number): Buffer {
  return message(SIGN_REQUEST, Buffer.concat([string(blob), string(Buffer.alloc(length)), Buffer.alloc(4)]));
}

/** An SSH string (RFC 4251, section 5). */
function string(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
