import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {poll} from '../poll.ts';
import {toWindowsPath} from '../windows-paths.ts';

// A cold Wine start on a busy two-core machine took 4 s at most; a dialog nobody sees takes for ever.
const START_MS = 60_000;
const STOP_MS = 5000;

export type Pageant = {
  /** As a target is written: `//./pipe/pageant.…`. */
  pipe: string;
  /** The Linux process that is pageant.exe. */
  pid: number;
  /** Ends exactly this Pageant. A second call does nothing. */
  stop(): Promise<void>;
};

/**
 * Starts Pageant with `keys` (Linux paths of unprotected .ppk files), and `guarded` ones for whose passphrase it asks
 * when they are first used, inside a twin whose environment is `env`, and resolves when its pipe listens; it answers
 * as soon as it has read the keys. `folder` takes the file in which it tells the pipe's name, which holds the Windows
 * user's: a space, too. A key file that it cannot read makes it show a dialog that nobody sees: the pipe then takes
 * connections and never answers.
 */
export async function startPageant(
  env: Record<string, string>,
  {
    pageantExe,
    keys,
    guarded = [],
    folder,
  }: {pageantExe: string; keys: string[]; guarded?: string[]; folder: string},
): Promise<Pageant> {
  const config = join(folder, 'pageant.conf');
  const windows = (path: string) => toWindowsPath(env.WINEPREFIX ?? '', path);
  const asked = guarded.length > 0 ? ['--encrypted', ...guarded.map(windows)] : [];
  const files = [...keys.map(windows), ...asked];
  // Wine keeps what a program inherits as stdout open for as long as Wine runs: hence 'ignore' for all three.
  const child = execa(pageantExe, ['--openssh-config', windows(config), ...files], {
    env,
    extendEnv: false,
    stdio: 'ignore',
    reject: false,
    forceKillAfterDelay: STOP_MS,
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await child;
  };
  let pipe: string | undefined;
  let ended = false;
  child.then(() => {
    ended = true;
  });
  try {
    await poll("Pageant to tell its pipe's name", START_MS, async () => {
      pipe = pipeName(await readFile(config, 'utf8').catch(() => ''));
      return ended || pipe !== undefined;
    });
    if (pipe === undefined || ended || child.pid === undefined) {
      const {shortMessage, exitCode} = await child;
      throw new Error(`Pageant ended before its pipe listened: ${shortMessage ?? `exit ${exitCode}`}`);
    }
    return {pipe, pid: child.pid, stop};
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What stands behind IdentityAgent in an ssh configuration file that Pageant wrote, with forward slashes. */
function pipeName(config: string): string | undefined {
  return /^IdentityAgent "?([^"\r\n]+)"?\r?$/m.exec(config)?.[1]?.replaceAll('\\', '/');
}
