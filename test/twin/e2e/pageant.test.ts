// needs: pageant, ssh, sshd, git
import {createHash} from 'node:crypto';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {makeKey, type TestKey} from '../agents/keys.ts';
import type {RunOptions} from '../twin.ts';
import {type Chain, startChain} from './chain.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';
import {type Sshd, startSshd} from './sshd.ts';

const TEXT = 'the keys stay on Windows\n';

let bed: PageantBed;
let chain: Chain;
let sshd: Sshd;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
  chain = await startChain(bed.twin, {target: bed.pageant.pipe});
  sshd = await startSshd(bed.twin, [bed.ed25519.publicLine, bed.rsa.publicLine]);
});

test.after.always(async t => {
  await sshd?.stop();
  if (chain) t.is(await chain.stop(), 0);
  await bed?.stop();
});

/** A key as `ssh-add -l` shows it. */
function shown(key: TestKey): string {
  return key.kind === 'rsa'
    ? `3072 ${fingerprint(key)} ${key.comment} (RSA)`
    : `256 ${fingerprint(key)} ${key.comment} (ED25519)`;
}

/** Runs a Linux program with the relay's socket; its stdout, once it has ended with 0. */
async function ok(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const result = await bed.twin.run(command, args, {...options, env: {...chain.env, ...options.env}});
  if (result.exitCode !== 0)
    throw new Error(
      `${command} ${args.join(' ')}: ${result.exitCode} ${result.stderr}\n${chain.lines.join('\n')}`,
    );
  return result.stdout;
}

/** The lines of what it prints: Pageant orders its keys by their numbers. */
async function sorted(command: string, args: string[]): Promise<string[]> {
  return (await ok(command, args)).trimEnd().split('\n').sort();
}

function fingerprint(key: TestKey): string {
  return `SHA256:${createHash('sha256').update(key.publicBlob).digest('base64').replace(/=+$/, '')}`;
}

test.serial('ssh-add -l and -L list both keys', async t => {
  const keys = [bed.ed25519, bed.rsa];
  t.deepEqual(await sorted('ssh-add', ['-l']), keys.map(shown).sort());
  t.deepEqual(await sorted('ssh-add', ['-L']), keys.map(key => key.publicLine).sort());
});

test.serial('ssh-add -T: the private half of both keys works, and of no other', async t => {
  await ok('ssh-add', ['-T', bed.ed25519.publicPath, bed.rsa.publicPath]);
  const other = await makeKey(bed.twin.home, 'unknown', 'ed25519');
  await t.throwsAsync(ok('ssh-add', ['-T', other.publicPath]), {message: /agent refused operation/});
});

for (const kind of ['ed25519', 'rsa'] as const)
  test.serial(`ssh-keygen -Y sign with the ${kind} key, verified`, async t => {
    const key = bed[kind];
    const folder = await mkdtemp(path.join(bed.twin.home, 'sign-'));
    const [signature, allowed] = [path.join(folder, 'signature'), path.join(folder, 'allowed')];
    await writeFile(allowed, `ada ${key.publicLine}\n`);
    const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', key.publicPath];
    await writeFile(signature, await ok('ssh-keygen', sign, {input: TEXT}));
    const verify = ['-Y', 'verify', '-n', 'file', '-I', 'ada', '-f', allowed, '-s', signature];
    t.true((await ok('ssh-keygen', verify, {input: TEXT})).includes(fingerprint(key)));
    await t.throwsAsync(ok('ssh-keygen', verify, {input: `${TEXT}!`}), {message: /incorrect signature/});
  });

for (const kind of ['ed25519', 'rsa'] as const)
  test.serial(`a login with the ${kind} key`, async t => {
    const key = bed[kind];
    const ssh = ['-F', sshd.sshConfig, '-i', key.publicPath, 'loopback'];
    t.is(await ok('ssh', [...ssh, 'echo here I am']), 'here I am\n');
    t.regex(
      sshd.log(),
      new RegExp(`Accepted publickey for \\S+ from 127\\.0\\.0\\.1 .* ${escaped(fingerprint(key))}`),
    );
  });

test.serial('a login without the relay is refused', async t => {
  const args = ['-F', sshd.sshConfig, '-i', bed.rsa.publicPath, 'loopback', 'true'];
  await t.throwsAsync(ok('ssh', args, {env: {SSH_AUTH_SOCK: undefined}}), {message: /Permission denied/});
});

test.serial('a second hop with the forwarded agent', async t => {
  const onward = `ssh -F ${sshd.sshConfig} -i ${bed.ed25519.publicPath} loopback`;
  // the second hop's own agent is not forwarded
  const script = `echo $SSH_AUTH_SOCK; ssh-add -l; ${onward} 'echo second hop $SSH_AUTH_SOCK'`;
  const args = ['-F', sshd.sshConfig, '-i', bed.rsa.publicPath, '-A', 'loopback', script];
  const [socket = '', one = '', other = '', ...rest] = (await ok('ssh', args)).split('\n');
  t.regex(socket, /^\/tmp\/ssh-/);
  t.deepEqual([one, other].sort(), [bed.ed25519, bed.rsa].map(shown).sort());
  t.deepEqual(rest, ['second hop', '']);
});

test.serial('a git commit, signed and verified', async t => {
  const folder = await mkdtemp(path.join(bed.twin.home, 'git-'));
  const allowed = path.join(folder, 'allowed');
  await writeFile(allowed, `ada@example.org ${bed.rsa.publicLine}\n`);
  const settings = {
    'user.name': 'Ada',
    'user.email': 'ada@example.org',
    'user.signingkey': bed.rsa.publicPath,
    'gpg.format': 'ssh',
    'gpg.ssh.allowedSignersFile': allowed,
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const git = (...args: string[]) =>
    bed.twin.run('git', [...flags, ...args], {cwd: folder, env: {...chain.env, GIT_CONFIG_NOSYSTEM: '1'}});
  await git('init', '--quiet');
  const commit = await git('commit', '--quiet', '--allow-empty', '-S', '-m', 'signed on Windows');
  t.deepEqual(commit, {exitCode: 0, stdout: '', stderr: ''});
  const {exitCode, stderr} = await git('verify-commit', 'HEAD');
  t.is(exitCode, 0, stderr);
  t.true(
    stderr.includes(`Good "git" signature for ada@example.org with RSA key ${fingerprint(bed.rsa)}`),
    stderr,
  );
});

test.serial('ssh-add gives Pageant a key, and -d takes it back', async t => {
  const key = await makeKey(bed.twin.home, 'late', 'ed25519', 'came late');
  t.deepEqual((await bed.holds()).sort(), ['elliptic', 'long ago']);
  await ok('ssh-add', ['-q', key.opensshPath]);
  t.deepEqual((await bed.holds()).sort(), ['came late', 'elliptic', 'long ago']);
  await ok('ssh-add', ['-T', key.publicPath]);
  await ok('ssh-add', ['-q', '-d', key.publicPath]);
  t.deepEqual((await bed.holds()).sort(), ['elliptic', 'long ago']);
});

test.serial(
  'each connection leaves one line: who answered, how long it took, how much went through',
  async t => {
    await ok('ssh-add', ['-l']);
    // length, number and count of keys; then each with its comment
    const sizes = [bed.ed25519, bed.rsa].map(key => 4 + key.publicBlob.length + 4 + key.comment.length);
    const traffic = `5 B in, ${sizes.reduce((sum, size) => sum + size, 9)} B out; client closed`;
    const time = '[0-9.]+ m?s';
    const who = `${escaped(bed.pageant.pipe)} answered in ${time}( after ${time} for a helper)?`;
    await chain.line(new RegExp(`^\\S+ info: socket#\\d+: ${who}; ${time}, ${traffic}$`));
    const numbers = chain.lines.flatMap(text => / info: socket#(\d+): /.exec(text)?.[1] ?? []);
    t.deepEqual(numbers, [...new Set(numbers)]);
    t.deepEqual(
      chain.lines.filter(text => / warning: socket#/.test(text)),
      [],
    );
  },
);

test.serial('nothing of a key or a signature is in the journal', async t => {
  const [, base64 = ''] = bed.rsa.publicLine.split(' ');
  const journal = chain.lines.join('\n');
  t.false(journal.includes(base64.slice(0, 40)));
  t.false(journal.includes(bed.rsa.publicBlob.toString('hex').slice(0, 40)));
  t.true((await readFile(bed.rsa.publicPath, 'utf8')).includes(base64.slice(0, 40)));
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
