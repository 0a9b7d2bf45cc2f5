import {cp, mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {poll} from '../poll.ts';
import {type RunOptions, type RunResult, run} from '../run.ts';
import {toLinuxPath, toWindowsPath} from '../windows-paths.ts';

export type GnupgPlace = {
  /** Where the installer puts it: GnuPG up to 2.4 and Gpg4win 4 are 32-bit programs, Gpg4win 5 is not. */
  programFiles?: 'Program Files (x86)' | 'Program Files';
  /** The installer adds `bin` to PATH; a machine where it did not, or where PATH was cut, is the default here. */
  onPath?: boolean;
};

export type SocketFile = {name: string; path: string; size: number};

export type Gnupg = {
  /** Linux and Windows path of the folder with gpg.exe and its siblings. */
  bin: {linux: string; windows: string};
  /** Linux path of GnuPG's home, `%APPDATA%\gnupg`, which GnuPG makes when it first needs it. */
  home: string;
  /** Linux path of the folder of its sockets, `%LOCALAPPDATA%\gnupg`. */
  socketFolder: string;
  /** Runs one of its programs, `gpg` say; rejects with what it printed when it fails. */
  exec(program: string, args: string[], options?: RunOptions): Promise<RunResult>;
  /**
   * Its sockets as Windows has them: files of 22 bytes, made anew at each start of the agent. The ssh one is always
   * there: enable-ssh-support only matters to what the agent tells programs that it starts itself.
   */
  sockets(): Promise<SocketFile[]>;
  launch(): Promise<void>;
  /** Ends the agent and resolves when its sockets are gone. */
  kill(): Promise<void>;
  /** From now on the person at the screen answers each question with `pin`, after `delayMs` (at most a minute). */
  answerPin(answer: {pin?: string; delayMs?: number}): Promise<void>;
  /** GETPIN or CONFIRM for each question that was asked so far; the last one may still wait for its answer. */
  pinQuestions(): Promise<string[]>;
};

const LAUNCH_TRIES = 6;
const KILL_MS = 30_000;

/**
 * Installs the GnuPG of `folder` (an `ensureAgents` result) into the Wine prefix of a twin's `env`, where its own
 * installer would put it, with the registry entry that goes with it. Starts nothing.
 */
export async function setUpGnupg(
  env: Record<string, string>,
  {folder, programFiles = 'Program Files (x86)', onPath = false}: {folder: string} & GnupgPlace,
): Promise<Gnupg> {
  const prefix = env.WINEPREFIX ?? '';
  const root = `C:\\${programFiles}\\GnuPG`;
  const linuxBin = toLinuxPath(prefix, `${root}\\bin`);
  await mkdir(linuxBin, {recursive: true});
  await cp(join(folder, 'bin'), linuxBin, {recursive: true});
  const reg = join(prefix, 'drive_c/windows/system32/reg.exe');
  const addValue = async (key: string, name: string, value: string) => {
    await must(reg, ['add', key, '/v', name, '/d', value, '/f'], env);
  };
  const wow = programFiles === 'Program Files (x86)' ? 'WOW6432Node\\' : '';
  await addValue(`HKLM\\Software\\${wow}GnuPG`, 'Install Directory', root);
  if (onPath) {
    await addValue('HKCU\\Environment', 'PATH', `${root}\\bin`);
  }
  const exec = (program: string, args: string[], options?: RunOptions) =>
    must(join(linuxBin, `${program}.exe`), args, env, options);
  const directories = listedDirectories((await exec('gpgconf', ['--list-dirs'])).stdout);
  const [home, socketFolder] = ['homedir', 'socketdir'].map(name => {
    return toLinuxPath(prefix, directories.get(name) ?? '');
  });
  if (home === undefined || socketFolder === undefined) {
    throw new Error('gpgconf.exe names no folders');
  }
  const sockets = () => socketFiles(socketFolder);
  return {
    bin: {linux: linuxBin, windows: toWindowsPath(prefix, linuxBin)},
    home,
    socketFolder,
    exec,
    sockets,
    async launch() {
      // GnuPG gives its agent 5 s to come up, which is not enough on a machine with much else to do.
      for (let tries = LAUNCH_TRIES; ; tries--) {
        try {
          await exec('gpgconf', ['--launch', 'gpg-agent']);
          return;
        } catch (error) {
          if (tries <= 1) {
            throw error;
          }
        }
      }
    },
    async kill() {
      await exec('gpgconf', ['--kill', 'gpg-agent']);
      await poll('gpg-agent.exe to remove its sockets', KILL_MS, async () => (await sockets()).length === 0);
    },
    async answerPin({pin = '', delayMs = 0}) {
      await mkdir(home, {recursive: true});
      await writeFile(join(home, 'pinentry-answer'), `${delayMs}\n${pin}\n`);
    },
    async pinQuestions() {
      const log = await readFile(join(home, 'pinentry-log'), 'utf8').catch(() => '');
      return log.split('\n').filter(line => line !== '');
    },
  };
}

/** `gpgconf --list-dirs` gives NAME:VALUE lines that end in CR LF, with `:` and `%` percent-escaped. */
function listedDirectories(output: string): Map<string, string> {
  const pairs = output.split(/\r?\n/).map(line => line.split(':', 2));
  return new Map(pairs.map(([name = '', value = '']) => [name, decodeURIComponent(value)]));
}

async function socketFiles(folder: string): Promise<SocketFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter(name => name.startsWith('S.')).sort();
  const files = await Promise.all(
    names.map(async name => {
      const path = join(folder, name);
      // An agent that ends removes them one by one, so one may be gone by now.
      const found = await stat(path).catch(() => undefined);
      return found && {name, path, size: found.size};
    }),
  );
  return files.filter(file => file !== undefined);
}

async function must(
  program: string,
  args: string[],
  env: Record<string, string>,
  options?: RunOptions,
): Promise<RunResult> {
  const result = await run(program, args, env, options);
  if (result.exitCode !== 0) {
    const said = (result.stderr + result.stdout).trim();
    throw new Error(`${program} ${args.join(' ')} ended with ${result.exitCode}: ${said}`);
  }
  return result;
}
