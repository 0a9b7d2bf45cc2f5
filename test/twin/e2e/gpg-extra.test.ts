// needs: gnupg, gpg
import {mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {type GnupgKey, makeGnupgKey} from '../agents/gnupg-keys.ts';
import type {Chain} from './chain.ts';
import {connectAgent, type GpgBed, type LinuxGpg, linuxGpg, SETUP_MS, startGpgBed} from './gpg-bed.ts';

let bed: GpgBed;
let key: GnupgKey;
let chain: Chain;
let linux: LinuxGpg;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  key = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
  const socket = bed.socket('S.gpg-agent.extra');
  chain = await bed.relay({socket, target: 'gpg:agent-extra-socket', protocol: 'assuan'});
  const home = await mkdtemp(path.join(bed.twin.home, 'remote-'));
  linux = await linuxGpg(bed, [key], home);
  await leadTo(home, socket);
});

test.after.always(() => bed?.stop());

/** Makes gpg of this home use another socket: a redirection file, which libassuan reads where the socket should be. */
async function leadTo(home: string, socket: string): Promise<void> {
  const env = {GNUPGHOME: home};
  await bed.twin.run('gpgconf', ['--create-socketdir'], {env});
  const {stdout} = await bed.twin.run('gpgconf', ['--list-dirs', 'agent-socket'], {env});
  await writeFile(stdout.trim(), `%Assuan%\nsocket=${socket}\n`);
}

test.serial('gpg signs through the extra socket', async t => {
  const signed = await linux.must(['--armor', '--sign'], {input: 'from afar'});
  const {stdout, stderr} = await linux.gpg(['--decrypt'], {input: signed});
  t.is(stdout, 'from afar');
  t.regex(stderr, /Good signature from "Ada/);
  await chain.line(/gpg:agent-extra-socket .*S\.gpg-agent\.extra .* answered/);
});

test.serial('gpg decrypts through the extra socket', async t => {
  const encrypt = ['--armor', '--encrypt', '--recipient', key.fingerprint];
  t.is(await linux.must(['--decrypt'], {input: await linux.must(encrypt, {input: 'for Ada'})}), 'for Ada');
});

for (const command of ['KILLAGENT', 'RELOADAGENT', 'LISTTRUSTED', 'GETINFO pid', `READKEY -- x`]) {
  test.serial(`gpg-agent itself refuses ${command} on the extra socket`, async t => {
    const {exitCode, stdout} = await connectAgent(bed, chain.socket, command);
    t.is(exitCode, 0);
    // 67109115 is GPG_ERR_FORBIDDEN of gpg-agent.
    t.regex(stdout, /^ERR 67109115 Forbidden <GPG Agent>$/m);
    t.false(stdout.includes('wslagent'));
  });
}

test.serial('what it refuses there it does on its own socket', async t => {
  const socket = path.join(bed.twin.runtimeDir, 'own');
  await bed.relay({socket, target: 'gpg:agent-socket', protocol: 'assuan'});
  t.regex((await connectAgent(bed, socket, 'GETINFO pid')).stdout, /^D \d+\nOK$/m);
  const before = (await connectAgent(bed, chain.socket, 'GETINFO version')).stdout;
  t.regex(before, /^D 2\.\d+\.\d+\nOK$/m);
});

test.serial('the browser socket is as restricted', async t => {
  const socket = bed.socket('S.gpg-agent.browser');
  await bed.relay({socket, target: 'gpg:agent-browser-socket', protocol: 'assuan'});
  t.regex((await connectAgent(bed, socket, 'GETINFO version')).stdout, /^D 2\.\d+\.\d+\nOK$/m);
  t.regex((await connectAgent(bed, socket, 'KILLAGENT')).stdout, /^ERR 67109115 Forbidden/m);
});
