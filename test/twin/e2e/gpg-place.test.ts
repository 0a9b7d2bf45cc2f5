// needs: gnupg, gpg
import {chmod, cp, mkdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import type {ProbeReport} from '../../../shared/probe.ts';
import type {Chain, ChainOptions} from './chain.ts';
import {Client} from './client.ts';
import {connectAgent, type GpgBed, linuxGpg, SETUP_MS, startGpgBed} from './gpg-bed.ts';

const ANSWER = /^D 2\.\d+\.\d+\nOK$/m;
const REGISTRY = ['HKLM\\Software\\GnuPG', 'HKLM\\Software\\WOW6432Node\\GnuPG'];

let bed: GpgBed;
/** GnuPG's own folder, `bin` and all, where it was installed. */
let installed: string;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  installed = path.dirname(bed.gnupg.bin.linux);
});

test.after.always(() => bed?.stop());

/** A relay of its own: a helper keeps what it once found. */
async function relay(options: Partial<ChainOptions> = {}): Promise<Chain> {
  return bed.relay({target: 'gpg:agent-socket', protocol: 'assuan', spares: 0, ...options});
}

async function version(chain: Chain): Promise<string> {
  return (await connectAgent(bed, chain.socket, 'GETINFO version')).stdout;
}

async function reg(...args: string[]): Promise<number> {
  return (await bed.twin.run(bed.twin.toLinux('C:\\windows\\system32\\reg.exe'), args)).exitCode;
}

async function forgetRegistry(): Promise<void> {
  for (const key of REGISTRY) await reg('delete', key, '/f');
}

/** Moves GnuPG away for the time of `work`, to a folder of Windows that may be given. */
async function moved<T>(to: string, work: () => Promise<T>): Promise<T> {
  const folder = bed.twin.toLinux(to);
  await mkdir(path.dirname(folder), {recursive: true});
  await rename(installed, folder);
  try {
    return await work();
  } finally {
    await rename(folder, installed);
  }
}

test.serial('gpgconf is found in the folder of its installer', async t => {
  await forgetRegistry();
  const chain = await relay();
  t.regex(await version(chain), ANSWER);
  t.deepEqual((await bed.gnupg.sockets()).length, 4);
});

for (const [index, key] of REGISTRY.entries()) {
  test.serial(
    `gpgconf is found in the folder that the registry names, view of ${index === 0 ? 64 : 32} bits`,
    async t => {
      await bed.gnupg.kill();
      await moved('C:\\Own Tools\\GnuPG', async () => {
        const folder = 'C:\\Own Tools\\GnuPG';
        t.is(await reg('add', key, '/v', 'Install Directory', '/d', folder, '/f'), 0);
        t.regex(await version(await relay()), ANSWER);
      });
      await forgetRegistry();
    },
  );
}

test.serial('gpgconf is found on PATH', async t => {
  await bed.gnupg.kill();
  await moved('C:\\Own Tools\\GnuPG', async () => {
    await onPath('C:\\Own Tools\\GnuPG\\bin', async () => {
      t.regex(await version(await relay()), ANSWER);
    });
  });
});

test.serial('what PATH has is not run before what was installed', async t => {
  const other = bed.twin.toLinux('C:\\Other\\GnuPG');
  await cp(installed, other, {recursive: true});
  await onPath('C:\\Other\\GnuPG\\bin', async () => {
    const {stdout} = await bed.twin.run(builtExe(), ['probe']);
    t.regex((JSON.parse(stdout) as ProbeReport).gnupg?.gpgconf ?? '', /^C:\\Program Files/);
  });
  await rm(other, {recursive: true});
});

test.serial('a gpgconf that everybody may change is not run, nor one in such a folder', async t => {
  await bed.gnupg.kill();
  await moved('C:\\Own Tools\\GnuPG', async () => {
    await onPath('C:\\Own Tools\\GnuPG\\bin', async () => {
      for (const [place, mode] of [
        ['C:\\Own Tools\\GnuPG\\bin', 0o777],
        ['C:\\Own Tools\\GnuPG\\bin\\gpgconf.exe', 0o777],
        ['C:\\Own Tools', 0o777],
      ] as const) {
        await chmod(bed.twin.toLinux(place), mode);
        const [line = ''] = await refusal(await relay());
        t.true(line.includes(`\\bin\\gpgconf.exe is not run, because ${place} may be changed by`), line);
        await chmod(bed.twin.toLinux(place), 0o755);
      }
      t.regex(await version(await relay()), ANSWER);
    });
  });
});

test.serial('without gpgconf, a running agent is found by the folder of its sockets', async t => {
  await bed.gnupg.launch();
  await moved('C:\\hidden', async () => {
    t.regex(await version(await relay()), ANSWER);
  });
});

test.serial('without gpgconf, the folder of GnuPG before 2.2.30 is looked at, too', async t => {
  await bed.gnupg.launch();
  await moved('C:\\hidden', async () => {
    const file = path.join(bed.gnupg.home, 'S.gpg-agent');
    await cp(path.join(bed.gnupg.socketFolder, 'S.gpg-agent'), file);
    await rename(bed.gnupg.socketFolder, `${bed.gnupg.socketFolder}-new`);
    const chain = await relay();
    t.regex(await version(chain), ANSWER);
    await chain.line(/Roaming\\gnupg\\S\.gpg-agent/);
    await rename(`${bed.gnupg.socketFolder}-new`, bed.gnupg.socketFolder);
    await rm(file);
  });
});

test.serial(
  'a gpgconf that names no folder of Windows is passed by, and named if there is no other',
  async t => {
    await bed.gnupg.kill();
    const folder = await stranger();
    await onPath(folder, async () => {
      t.regex(await version(await relay()), ANSWER);
      await bed.gnupg.kill();
      await moved('C:\\hidden', async () => {
        const [line = ''] = await refusal(await relay());
        t.true(line.includes(`${folder}\\gpgconf.exe names no windows folder for its sockets>`), line);
      });
    });
  },
);

test.serial('without GnuPG the client and the journal are told; once it is installed it is used', async t => {
  await bed.gnupg.kill();
  const chain = await relay({socket: bed.socket('S.gpg-agent')});
  const linux = await linuxGpg(bed, []);
  await moved('C:\\hidden', async () => {
    const reason = 'gnupg was not found on windows: no gpgconf.exe on the path or in its usual folders';
    // 67108941 is GPG_ERR_NO_AGENT with gpg-agent as its source.
    t.deepEqual(await refusal(chain), [`ERR 67108941 No agent <wslagent: ${reason}>`, '']);
    const journal = await chain.line(/ warning: /);
    t.true(journal.endsWith(`${reason}; hint: winget.exe install GnuPG.Gpg4win`), journal);
    const {exitCode, stderr} = await linux.gpg(['--sign'], {input: 'text'});
    t.is(exitCode, 2);
    t.regex(stderr, /no gpg-agent running in this session/);
  });
  t.regex(await version(chain), ANSWER);
});

/** The lines with which a client is sent away. */
async function refusal(chain: Chain): Promise<string[]> {
  const client = await Client.to(chain.socket);
  const said = await client.rest();
  client.close();
  return said.toString().split('\n');
}

/** Puts a folder in front of all others on the PATH of Windows for the time of `work`. */
async function onPath(folder: string, work: () => Promise<void>): Promise<void> {
  const value = ['HKCU\\Environment', '/v', 'PATH'];
  await reg('add', ...value, '/d', `C:\\nowhere;${folder}`, '/f');
  await work().finally(() => reg('delete', ...value, '/f'));
}

/** Makes a gpgconf.exe that names no folder: Wine's cmd.exe, which greets and leaves with 0. */
async function stranger(): Promise<string> {
  const folder = 'C:\\Git\\usr\\bin';
  await mkdir(bed.twin.toLinux(folder), {recursive: true});
  const cmd = bed.twin.toLinux('C:\\windows\\system32\\cmd.exe');
  await cp(cmd, path.join(bed.twin.toLinux(folder), 'gpgconf.exe'), {dereference: true});
  return folder;
}
