// needs: gnupg, gpg, git
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import test from 'ava';
import {type GnupgKey, makeGnupgKey} from '../agents/gnupg-keys.ts';
import {poll} from '../poll.ts';
import {CEILING, type Chain} from './chain.ts';
import {type GpgBed, type LinuxGpg, linuxGpg, SETUP_MS, startGpgBed} from './gpg-bed.ts';

let bed: GpgBed;
let key: GnupgKey;
let chain: Chain;
let linux: LinuxGpg;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  key = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
  linux = await linuxGpg(bed, [key]);
  const socket = bed.socket('S.gpg-agent');
  chain = await bed.relay({socket, target: 'gpg:agent-socket', protocol: 'assuan'});
});

test.after.always(() => bed?.stop());

test.serial('gpg -K lists the secret keys that are on Windows', async t => {
  const listing = await linux.must(['--with-colons', '--with-secret', '--list-secret-keys']);
  const records = listing.split('\n').map(line => line.split(':'));
  const secret = records.filter(([kind]) => kind === 'sec' || kind === 'ssb');
  // Field 15 is + for a secret part that the agent has, # for one that it has not.
  t.deepEqual(
    secret.map(fields => [fields[0], fields[14]]),
    [
      ['sec', '+'],
      ['ssb', '+'],
      ['ssb', '+'],
    ],
  );
  t.is(records.find(([kind]) => kind === 'fpr')?.[9], key.fingerprint);
  const shown = await linux.must(['-K']);
  t.regex(shown, /^sec {3}ed25519/m);
  t.true(shown.includes('Ada <ada@example.org>'));
});

test.serial('gpg signs, and both sides find the signature good', async t => {
  const signed = await linux.must(['--armor', '--sign'], {input: 'from Linux\n'});
  const {stdout, stderr} = await linux.gpg(['--decrypt'], {input: signed});
  t.is(stdout, 'from Linux\n');
  t.regex(stderr, /Good signature from "Ada <ada@example\.org>"/);
  const there = await bed.gnupg.exec('gpg', ['--batch', '--decrypt'], {input: signed});
  t.is(there.stdout, 'from Linux\n');
  const clear = await linux.must(['--clear-sign'], {input: 'from Linux\n'});
  t.is((await linux.gpg(['--verify'], {input: clear.replace('Linux', 'Minix')})).exitCode, 1);
});

test.serial('gpg decrypts what was encrypted on either side', async t => {
  const encrypt = ['--armor', '--encrypt', '--recipient', key.fingerprint];
  t.is(await linux.must(['--decrypt'], {input: await linux.must(encrypt, {input: 'for Ada'})}), 'for Ada');
  const there = ['--batch', '--always-trust', ...encrypt];
  const {stdout} = await bed.gnupg.exec('gpg', there, {input: 'from Windows'});
  t.is(await linux.must(['--decrypt'], {input: stdout}), 'from Windows');
});

test.serial('a file of 8 MiB is signed and encrypted, and comes back byte for byte', async t => {
  const folder = await mkdtemp(path.join(bed.twin.env.TMPDIR ?? '', 'large-'));
  const inside = (name: string) => path.join(folder, name);
  const content = randomBytes(8 * 1024 * 1024);
  await writeFile(inside('plain'), content);
  const recipient = ['--recipient', key.fingerprint];
  await linux.must(['--output', inside('secret'), '--sign', '--encrypt', ...recipient, inside('plain')]);
  const {stderr} = await linux.gpg(['--output', inside('back'), '--decrypt', inside('secret')]);
  t.regex(stderr, /Good signature/);
  t.true(content.equals(await readFile(inside('back'))));
});

test.serial('a git commit and a tag are signed and verified', async t => {
  const repository = await mkdtemp(path.join(bed.twin.env.TMPDIR ?? '', 'git-'));
  const settings = {
    'user.name': 'Ada',
    'user.email': 'ada@example.org',
    'user.signingkey': key.fingerprint,
    'commit.gpgsign': 'true',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const git = async (...args: string[]) => {
    const result = await bed.twin.run('git', [...options, ...args], {cwd: repository});
    t.is(result.exitCode, 0, `git ${args.join(' ')}: ${result.stderr}`);
    return result.stdout + result.stderr;
  };
  await git('init', '--quiet');
  await git('commit', '--quiet', '--allow-empty', '--message', 'signed on Windows');
  await git('tag', '--sign', '--message', 'one', 'v1');
  t.regex(await git('verify-commit', 'HEAD'), /Good signature from "Ada/);
  t.regex(await git('verify-tag', 'v1'), /Good signature from "Ada/);
  t.is((await git('log', '-1', '--format=%G? %GF')).trim(), `G ${key.fingerprint}`);
});

/** Signs and reads the signed text back. */
async function sign(text: string): Promise<string> {
  return linux.must(['--decrypt'], {input: await linux.must(['--armor', '--sign'], {input: text})});
}

test.serial('eight signatures at the same moment', async t => {
  const from = chain.lines.length;
  const texts = Array.from({length: 8}, (_, index) => `text ${index}\n`);
  t.deepEqual(await Promise.all(texts.map(sign)), texts);
  t.deepEqual(
    chain.lines.slice(from).filter(line => / (warning|error): /.test(line)),
    [],
  );
});

test.serial('gpg-agent killed and started again: the next signature needs nothing done', async t => {
  t.is(await sign('before'), 'before');
  const before = await socketFile();
  await bed.gnupg.kill();
  await bed.gnupg.launch();
  t.false(before.equals(await socketFile()));
  t.is(await sign('after'), 'after');
});

test.serial('gpg-agent that does not run is launched', async t => {
  await bed.gnupg.kill();
  t.is(await sign('launched'), 'launched');
  t.true((await bed.gnupg.sockets()).length > 0);
});

test.serial('gpg-agent that died without removing its socket files is launched', async t => {
  await bed.gnupg.launch();
  const stale = await socketFile();
  await bed.gnupg.kill();
  await writeFile(path.join(bed.gnupg.socketFolder, 'S.gpg-agent'), stale);
  t.deepEqual(await Promise.all(['one', 'two', 'three'].map(sign)), ['one', 'two', 'three']);
  t.false(stale.equals(await socketFile()));
});

test.serial('gpg-agent that died is launched, whatever its socket file says by now', async t => {
  const server = createServer((_request, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const {port} = server.address() as AddressInfo;
  for (const [title, content] of [
    ['nothing', ''],
    ['half of it', `${port}\n0123`],
    ['a port that another program holds now', `${port}\n0123456789abcdef`],
  ] as const) {
    await bed.gnupg.kill();
    await writeFile(path.join(bed.gnupg.socketFolder, 'S.gpg-agent'), content);
    t.is(await sign(title), title);
  }
});

test.serial('gpgconf --kill of the Linux side ends the agent on Windows; the next gpg starts it', async t => {
  t.is(await sign('running'), 'running');
  const {exitCode, stderr} = await bed.twin.run('gpgconf', ['--kill', 'gpg-agent']);
  t.is(exitCode, 0, stderr);
  await poll('the sockets to go', CEILING, async () => (await bed.gnupg.sockets()).length === 0);
  t.is(await sign('again'), 'again');
});

test.serial('the journal says for each connection who answered, and holds no byte of a nonce', async t => {
  await sign('once more');
  const line = await chain.line(/gpg:agent-socket .* answered/);
  t.regex(line, /S\.gpg-agent \(port \d+\)\) answered in \d+ ms.*; .* B in, \d+ B out; client closed$/);
  const file = await socketFile();
  const nonce = file.subarray(file.indexOf('\n') + 1);
  for (const encoding of ['hex', 'base64', 'latin1'] as const) {
    t.false(chain.lines.join('\n').includes(nonce.toString(encoding)));
  }
});

async function socketFile(): Promise<Buffer> {
  return readFile(path.join(bed.gnupg.socketFolder, 'S.gpg-agent'));
}
