/** A twin with a real Pageant that holds an ed25519 and an RSA key, neither of which is on the Linux side any more. */
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {execa} from 'execa';
import {ensureAgents} from '../agents/ensure.ts';
import {makeKey, type TestKey} from '../agents/keys.ts';
import {type Pageant, startPageant} from '../agents/pageant.ts';
import {startTwin, type Twin} from '../twin.ts';
import {comments, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING} from './chain.ts';

export type PageantBed = {
  twin: Twin;
  pageant: Pageant;
  ed25519: TestKey;
  rsa: TestKey;
  /** The comments of the keys that Pageant holds, asked of it directly on the Windows side. */
  holds(): Promise<string[]>;
  /** Starts another Pageant, without keys, after the first was stopped; `stop` ends it. */
  again(): Promise<void>;
  stop(): Promise<void>;
};

export async function startPageantBed(options: {systemd?: boolean} = {}): Promise<PageantBed> {
  const {pageant: built} = await ensureAgents({pageant: true});
  if (built === undefined) throw new Error('there is no Pageant');
  const twin = await startTwin(options);
  try {
    const folder = await mkdtemp(path.join(twin.home, 'keys-'));
    const ed25519 = await makeKey(folder, 'ed25519', 'ed25519', 'elliptic');
    const rsa = await makeKey(folder, 'rsa', 'rsa', 'long ago');
    const keys = [ed25519.ppkPath, rsa.ppkPath];
    const pageant = await startPageant(twin.env, {pageantExe: built.pageantExe, keys, folder});
    const holds = async () => {
      const {stdout} = await execa(built.askPipeExe, [pageant.pipe.replaceAll('/', '\\')], {
        env: twin.env,
        extendEnv: false,
        input: REQUEST_IDENTITIES,
        encoding: 'buffer',
        timeout: CEILING,
      });
      return comments(Buffer.from(stdout));
    };
    // it answers as soon as it has read the keys
    await holds();
    for (const key of [ed25519, rsa]) for (const file of [key.opensshPath, key.ppkPath]) await rm(file);
    const later: Pageant[] = [];
    const again = async () => {
      // a Pageant that was killed leaves its file, and the next one's pipe has the same name
      await rm(path.join(folder, 'pageant.conf'));
      later.push(await startPageant(twin.env, {pageantExe: built.pageantExe, keys: [], folder}));
    };
    const stop = async () => {
      for (const each of [pageant, ...later]) await each.stop();
      await twin.stop();
    };
    return {twin, pageant, ed25519, rsa, holds, again, stop};
  } catch (error) {
    await twin.stop();
    throw error;
  }
}
