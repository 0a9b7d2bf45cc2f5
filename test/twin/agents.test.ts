// needs: pageant, gnupg
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {createConnection} from 'node:net';
import {join} from 'node:path';
import {buffer} from 'node:stream/consumers';
import test from 'ava';
import {execa} from 'execa';
import {type Agents, ensureAgents} from './agents/ensure.ts';
import {type Gnupg, setUpGnupg} from './agents/gnupg.ts';
import {type GnupgKey, makeGnupgKey, offerToSsh} from './agents/gnupg-keys.ts';
import {makeKey, type TestKey} from './agents/keys.ts';
import {type Pageant, startPageant} from './agents/pageant.ts';
import {startTwin, type Twin} from './twin.ts';

/** SSH_AGENTC_REQUEST_IDENTITIES, whole. */
const REQUEST_IDENTITIES = Buffer.from([0, 0, 0, 1, 11]);
const IDENTITIES_ANSWER = 12;
/** With a sign that travels escaped in Assuan. */
const PASSPHRASE = 'open 100% sesame';

let agents: Required<Agents>;
let twin: Twin;
let gnupg: Gnupg;
let key: GnupgKey;

test.before(async t => {
  // Agents that the cache lacks are built now.
  t.timeout(20 * 60_000);
  const {pageant, gnupg: gnupgAgent} = await ensureAgents({pageant: true, gnupg: true});
  if (!pageant || !gnupgAgent) {
    throw new Error('ensureAgents gave less than it was asked for');
  }
  agents = {pageant, gnupg: gnupgAgent};
  twin = await startTwin();
  gnupg = await setUpGnupg(twin.env, agents.gnupg);
});

test.after.always(async () => {
  await twin?.stop();
});

test.serial('Pageant holds the keys it was started with, and ends alone', async t => {
  const folder = await temporaryFolder();
  const keys = [await makeKey(folder, 'one key', 'ed25519'), await makeKey(folder, 'another', 'rsa')];
  const pageant = await startWith(keys, folder);
  t.regex(pageant.pipe, /^\/\/\.\/pipe\/pageant\./);
  const answer = await askPageant(pageant.pipe);
  t.is(answer[4], IDENTITIES_ANSWER);
  t.is(answer.readUInt32BE(5), 2);
  for (const {publicBlob, comment} of keys) {
    t.true(answer.includes(publicBlob), comment);
    t.true(answer.includes(comment));
  }
  await pageant.stop();
  t.throws(() => process.kill(pageant.pid, 0), {code: 'ESRCH'});
  await pageant.stop();
});

test.serial('a Pageant that cannot run is told at once', async t => {
  const folder = await temporaryFolder();
  const broken = join(folder, 'broken.exe');
  await writeFile(broken, 'MZ', {mode: 0o755});
  await t.throwsAsync(startPageant(twin.env, {pageantExe: broken, keys: [], folder}), {
    message: /^Pageant ended before its pipe listened/,
  });
});

test.serial('GnuPG finds itself and its folders where the installer puts it', async t => {
  const {stdout} = await gnupg.exec('gpgconf', ['--list-dirs', 'bindir']);
  t.is(decodeURIComponent(stdout.trim()), 'C:\\Program Files (x86)\\GnuPG\\bin');
  t.is(gnupg.home, twin.toLinux('C:\\users\\Ada Lovelace\\AppData\\Roaming\\gnupg'));
  t.is(gnupg.socketFolder, join(twin.localAppData.linux, 'gnupg'));
  const {stdout: entry} = await twin.run(twin.toLinux('C:\\windows\\system32\\reg.exe'), [
    'query',
    'HKLM\\Software\\WOW6432Node\\GnuPG',
  ]);
  t.true(entry.includes('C:\\Program Files (x86)\\GnuPG'));
});

test.serial('gpg-agent is launched, answers, has socket files of 22 bytes, and is killed', async t => {
  await gnupg.launch();
  const {stdout} = await gnupg.exec('gpg-connect-agent', ['GETINFO version', '/bye']);
  t.regex(stdout, /^D 2\.4\.\d+\r?\nOK/);
  const names = ['S.gpg-agent', 'S.gpg-agent.browser', 'S.gpg-agent.extra', 'S.gpg-agent.ssh'];
  t.deepEqual(
    (await gnupg.sockets()).map(({name, size}) => ({name, size})),
    names.map(name => ({name, size: 22})),
  );
  await gnupg.kill();
  t.deepEqual(await gnupg.sockets(), []);
});

test.serial(
  'a key made by the Windows gpg has its parts, and ssh clients see it once that is allowed',
  async t => {
    key = await makeGnupgKey(gnupg, 'Ada <ada@example.org>', PASSPHRASE);
    t.regex(key.publicKey, /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n/);
    t.is(new Set(Object.values(key.grips)).size, 3);
    t.is((await askSshSocket()).readUInt32BE(5), 0);
    await offerToSsh(gnupg, key.grips.auth);
    const answer = await askSshSocket();
    t.is(answer.readUInt32BE(5), 1);
    t.true(answer.includes('ssh-ed25519'));
  },
);

test.serial('a person is asked for the passphrase of a key that has one', async t => {
  const sign = ['--batch', '--armor', '--local-user', key.fingerprint, '--detach-sign'];
  // The agent remembers the passphrase that it made the key with.
  await gnupg.kill();
  await gnupg.launch();
  await t.throwsAsync(gnupg.exec('gpg', sign, {input: 'text'}), {message: /cancelled/});
  await gnupg.answerPin({pin: 'wrong'});
  await t.throwsAsync(gnupg.exec('gpg', sign, {input: 'text'}), {message: /Bad passphrase/});
  const before = (await gnupg.pinQuestions()).length;
  await gnupg.answerPin({pin: PASSPHRASE, delayMs: 500});
  const started = performance.now();
  const {stdout} = await gnupg.exec('gpg', sign, {input: 'text'});
  t.regex(stdout, /^-----BEGIN PGP SIGNATURE-----/);
  t.true(performance.now() - started >= 500);
  t.deepEqual((await gnupg.pinQuestions()).slice(before), ['GETPIN']);
});

test.serial('GnuPG can also be the 64-bit one, and on PATH', async t => {
  await setUpGnupg(twin.env, {...agents.gnupg, programFiles: 'Program Files', onPath: true});
  const cmd = twin.toLinux('C:\\windows\\system32\\cmd.exe');
  const {stdout} = await twin.run(cmd, ['/c', 'gpgconf --list-dirs bindir']);
  t.is(decodeURIComponent(stdout.trim()), 'C:\\Program Files\\GnuPG\\bin');
});

async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(twin.env.TMPDIR ?? '', 'agents-'));
}

function startWith(keys: TestKey[], folder: string): Promise<Pageant> {
  const {pageantExe} = agents.pageant;
  return startPageant(twin.env, {pageantExe, keys: keys.map(key => key.ppkPath), folder});
}

async function askPageant(pipe: string): Promise<Buffer> {
  const {stdout} = await execa(agents.pageant.askPipeExe, [pipe.replaceAll('/', '\\')], {
    env: twin.env,
    extendEnv: false,
    input: REQUEST_IDENTITIES,
    encoding: 'buffer',
    timeout: 30_000,
  });
  return Buffer.from(stdout);
}

/** Wine's loopback is Linux's, so the port can be reached from here; in WSL2 only from Windows. */
async function askSshSocket(): Promise<Buffer> {
  await gnupg.launch();
  const file = await readFile(join(gnupg.socketFolder, 'S.gpg-agent.ssh'));
  const lineEnd = file.indexOf('\n');
  const socket = createConnection(Number(file.toString('latin1', 0, lineEnd)), '127.0.0.1');
  // In one piece, because gpg-agent closes as soon as it has to wait for the rest.
  socket.write(Buffer.concat([file.subarray(lineEnd + 1), REQUEST_IDENTITIES]));
  return buffer(socket);
}
