/** GnuPG on both sides of a twin: the real gpg-agent.exe with its keys, and the Linux side's own gpg. */
import {mkdir, mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {ensureAgents} from '../agents/ensure.ts';
import {type Gnupg, type GnupgPlace, setUpGnupg} from '../agents/gnupg.ts';
import type {GnupgKey} from '../agents/gnupg-keys.ts';
import {type RunOptions, type RunResult, startTwin, type Twin} from '../twin.ts';
import {type Chain, type ChainOptions, startChain} from './chain.ts';
import type {SshKey} from './list-and-sign.ts';

/** How long a file's `before` may take on a machine that has to build gpg-agent.exe first, in milliseconds. */
export const SETUP_MS = 20 * 60_000;

export type GpgBed = {
  twin: Twin;
  gnupg: Gnupg;
  /** Where the Linux side looks for a socket, such as `S.gpg-agent`. */
  socket(name: string): string;
  /** Starts a relay, which `stop` ends. */
  relay(options: ChainOptions): Promise<Chain>;
  /** Throws when a relay does not end well. */
  stop(): Promise<void>;
};

/** Starts a twin with GnuPG installed on Windows, and nothing of it running. */
export async function startGpgBed(place: GnupgPlace = {}): Promise<GpgBed> {
  const {gnupg: built} = await ensureAgents({gnupg: true});
  if (built === undefined) throw new Error('ensureAgents gave no gnupg');
  const twin = await startTwin();
  const chains: Chain[] = [];
  try {
    const gnupg = await setUpGnupg(twin.env, {...built, ...place});
    return {
      twin,
      gnupg,
      socket: name => path.join(twin.runtimeDir, 'gnupg', name),
      async relay(options) {
        const chain = await startChain(twin, options);
        chains.push(chain);
        return chain;
      },
      async stop() {
        try {
          const codes = await Promise.all(chains.map(chain => chain.stop()));
          if (codes.some(code => code !== 0)) throw new Error(`relays ended with ${codes.join(', ')}`);
        } finally {
          await twin.stop();
        }
      },
    };
  } catch (error) {
    await twin.stop();
    throw error;
  }
}

/** A gpg home on the Linux side that starts no agent of its own. */
export type LinuxGpg = {
  /** Runs Linux's gpg, whatever its exit code. */
  gpg(args: string[], options?: RunOptions): Promise<RunResult>;
  /** The same, for a command that has to succeed; gives its stdout. */
  must(args: string[], options?: RunOptions): Promise<string>;
};

/** Makes a gpg home with these public keys, trusted. Without `folder` it is the one that gpg uses by itself. */
export async function linuxGpg({twin}: GpgBed, keys: GnupgKey[], folder?: string): Promise<LinuxGpg> {
  const home = folder ?? path.join(twin.home, '.gnupg');
  const env = folder === undefined ? {} : {GNUPGHOME: folder};
  await mkdir(home, {recursive: true, mode: 0o700});
  await writeFile(path.join(home, 'gpg.conf'), 'no-autostart\nbatch\n');
  const gpg: LinuxGpg['gpg'] = (args, options) =>
    twin.run('gpg', args, {...options, env: {...env, ...options?.env}});
  const must: LinuxGpg['must'] = async (args, options) => {
    const {exitCode, stdout, stderr} = await gpg(args, options);
    if (exitCode === 0) return stdout;
    throw new Error(`gpg ${args.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
  };
  for (const {publicKey, fingerprint} of keys) {
    await must(['--import'], {input: publicKey});
    await must(['--import-ownertrust'], {input: `${fingerprint}:6:\n`});
  }
  return {gpg, must};
}

/** GnuPG's key as its gpg on the Linux side gives it to authorized_keys. */
export async function sshKeyOf({twin}: GpgBed, {must}: LinuxGpg, fingerprint: string): Promise<SshKey> {
  const publicLine = (await must(['--export-ssh-key', fingerprint])).trim();
  const publicPath = path.join(await mkdtemp(path.join(twin.home, 'keys-')), 'ada.pub');
  await writeFile(publicPath, `${publicLine}\n`);
  return {publicLine, publicPath};
}

/** Asks one Assuan command through a socket, as scripts do; gives gpg-connect-agent's whole output. */
export function connectAgent({twin}: GpgBed, socket: string, command: string): Promise<RunResult> {
  return twin.run('gpg-connect-agent', ['--no-autostart', '--raw-socket', socket, command, '/bye']);
}
