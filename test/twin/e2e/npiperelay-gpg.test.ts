// needs: gnupg, gpg, ssh, socat
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {type GnupgKey, makeGnupgKey, offerToSsh} from '../agents/gnupg-keys.ts';
import {poll} from '../poll.ts';
import {CEILING, helperProcesses} from './chain.ts';
import {type GpgBed, type LinuxGpg, linuxGpg, SETUP_MS, startGpgBed} from './gpg-bed.ts';
import {PlainExe} from './plain-exe.ts';
import {startSocat} from './socat.ts';

// npiperelay's -a with the real gpg-agent.exe; points 9 and 13 of docs/npiperelay.md.

let bed: GpgBed;
let key: GnupgKey;
let linux: LinuxGpg;
/** GnuPG's socket files as scripts write them: a Windows path with slashes. */
let files: {agent: string; ssh: string};

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  key = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
  await offerToSsh(bed.gnupg, key.grips.auth);
  linux = await linuxGpg(bed, [key]);
  await bed.gnupg.launch();
  const windows = (name: string) =>
    bed.twin.toWindows(path.join(bed.gnupg.socketFolder, name)).replaceAll('\\', '/');
  files = {agent: windows('S.gpg-agent'), ssh: windows('S.gpg-agent.ssh')};
});

test.after.always(() => bed?.stop());

test.serial("the -a line of many scripts: gpg signs and decrypts with gpg-agent's key", async t => {
  await startSocat(t, bed.twin, `-ep -ei -s -a '${files.agent}'`, {socket: bed.socket('S.gpg-agent')});
  const signed = await linux.must(['--armor', '--sign'], {input: 'from Linux\n'});
  const {stdout, stderr} = await linux.gpg(['--decrypt'], {input: signed});
  t.is(stdout, 'from Linux\n');
  t.regex(stderr, /Good signature from "Ada <ada@example\.org>"/);
  const secret = await linux.must(['--armor', '--encrypt', '--recipient', key.fingerprint], {
    input: 'for Ada',
  });
  t.is(await linux.must(['--decrypt'], {input: secret}), 'for Ada');
  await poll('the helpers to leave', CEILING, () => helperProcesses().length === 0);
});

test.serial('-a with the ssh socket: ssh-add -L, and a signature, which takes two requests', async t => {
  const socket = await startSocat(t, bed.twin, `-ep -ei -s -a '${files.ssh}'`);
  const env = {SSH_AUTH_SOCK: socket};
  const listed = await bed.twin.run('ssh-add', ['-L'], {env});
  t.is(listed.exitCode, 0, listed.stderr);
  const publicPath = path.join(await mkdtemp(path.join(bed.twin.home, 'keys-')), 'ada.pub');
  await writeFile(publicPath, listed.stdout);
  const sign = ['-q', '-Y', 'sign', '-n', 'file', '-f', publicPath];
  const signed = await bed.twin.run('ssh-keygen', sign, {env, input: 'text'});
  t.regex(signed.stdout, /^-----BEGIN SSH SIGNATURE-----/, signed.stderr);
});

test.serial('points 9 and 13: eight at once read one socket file, and none tells the nonce', async t => {
  const content = await readFile(path.join(bed.gnupg.socketFolder, 'S.gpg-agent'));
  const newline = content.indexOf('\n');
  const [port, nonce] = [content.subarray(0, newline).toString(), content.subarray(newline + 1)];
  // As gpgconf.exe prints it.
  const escaped = files.agent.replaceAll('/', '\\').replace(':', '%3a');
  const exes = Array.from({length: 8}, (_, index) =>
    PlainExe.start(t, bed.twin, ['-v', '-ep', '-a', index % 2 === 0 ? files.agent : escaped]),
  );
  for (const exe of exes) {
    exe.say('GETINFO version\nBYE\n');
    t.is(await exe.over(), 0, exe.lines.join('\n'));
    t.regex(exe.stdout.toString(), /^OK Pleased to meet you.*\nD 2\..*\nOK\nOK closing connection\n$/);
    t.is(exe.lines[1], `Port: ${port}, Nonce: <redacted>`);
    const told = [exe.stdout.toString('latin1'), ...exe.lines].join('\n');
    for (const word of [nonce.toString('latin1'), nonce.toString('hex'), nonce.toString('hex').toUpperCase()])
      t.false(told.includes(word));
  }
  t.deepEqual(await readFile(path.join(bed.gnupg.socketFolder, 'S.gpg-agent')), content);
});
