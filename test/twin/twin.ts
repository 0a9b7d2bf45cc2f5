/*
 * A twin: what a test or a person uses in place of a WSL2 distribution with Windows around it. Needs the namespaces
 * that enter.ts makes; test/twin/README.md says what in here is real.
 */
import {existsSync, readFileSync} from 'node:fs';
import {mkdir, mkdtemp, rm} from 'node:fs/promises';
import {userInfo} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {readJournal} from './journal.ts';
import {twinMissing} from './missing.ts';
import {makePrefix} from './prefix.ts';
import {type RunOptions, type RunResult, run} from './run.ts';
import {base, takeSeat} from './seat.ts';
import {startUserManager} from './user-manager.ts';
import {toLinuxPath, toWindowsPath} from './windows-paths.ts';
import {startWine} from './wine.ts';

export type {RunOptions, RunResult} from './run.ts';

export interface Twin {
  /** The complete environment for a child; nothing of the outside is in it. */
  env: Record<string, string>;
  home: string;
  runtimeDir: string;
  winePrefix: string;
  localAppData: {linux: string; windows: string};
  /** Runs a command to its end in this twin; never rejects, whatever the exit code. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  toWindows(linuxPath: string): string;
  toLinux(windowsPath: string): string;
  /** The lines a unit wrote to the journal so far, oldest first. Needs `systemd: true`. */
  journal(unit: string): Promise<string[]>;
  /** Ends Wine, the user manager and all they run, and removes the twin's files. A second call does nothing. */
  stop(): Promise<void>;
}

const bin = fileURLToPath(new URL('bin', import.meta.url));
const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const localAppData = 'C:\\users\\Ada Lovelace\\AppData\\Local';

/** Whether `startTwin({systemd: true})` can work in these namespaces. */
export function twinHasSystemd(): boolean {
  return existsSync(path.join(base, 'has-cgroup')) && twinMissing('systemd').length === 0;
}

/** Starts a twin; about a second once the template prefix is there. `systemd` adds a `systemd --user` of its own. */
export async function startTwin(options: {systemd?: boolean} = {}): Promise<Twin> {
  if (!existsSync(path.join(base, 'init'))) throw new Error('run inside the twin: npm run twin or npm test');
  if (options.systemd && !twinHasSystemd()) {
    throw new Error(
      `no systemd in this twin: ${twinMissing('systemd')[0] ?? 'it was entered without a cgroup'}`,
    );
  }
  const uid = process.getuid?.() ?? 0;
  const user = userInfo();
  const seat = takeSeat(uid);
  const folder = await mkdtemp(path.join(base, 'twin-'));
  const home = seat?.home ?? path.join(folder, 'home');
  const runtimeDir = seat?.runtimeDir ?? path.join(folder, 'run');
  const temporary = path.join(folder, 'tmp');
  const winePrefix = path.join(folder, 'prefix');
  // what a login gives to the user manager, and so to units
  const loginEnv: Record<string, string> = {
    PATH: `${bin}:${path.dirname(process.execPath)}:${standardPath}`,
    HOME: home,
    USER: user.username,
    LOGNAME: user.username,
    SHELL: user.shell ?? '/bin/sh',
    LANG: 'C.UTF-8',
    TMPDIR: temporary,
    XDG_RUNTIME_DIR: runtimeDir,
    WINEPREFIX: winePrefix,
    WINEDEBUG: '-all',
  };
  const coverage = process.env.NODE_V8_COVERAGE;
  if (coverage) loginEnv.NODE_V8_COVERAGE = coverage;
  const env = {...loginEnv, WSL_DISTRO_NAME: 'twin'};
  if (options.systemd) Object.assign(env, {DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtimeDir}/bus`});

  const undo: Array<() => Promise<void>> = [() => rm(folder, {recursive: true, force: true, maxRetries: 5})];
  if (seat) undo.push(() => seat.release());
  const stop = async () => {
    const faults: unknown[] = [];
    for (let step = undo.pop(); step; step = undo.pop()) await step().catch(fault => faults.push(fault));
    if (faults.length > 0)
      throw new AggregateError(faults, `the twin did not end cleanly: ${faults.join('; ')}`);
  };
  try {
    for (const made of [home, temporary, runtimeDir]) await mkdir(made, {recursive: true, mode: 0o700});
    await makePrefix(readFileSync(path.join(base, 'wine'), 'utf8').trim(), winePrefix);
    await seat?.setPrefix(winePrefix);
    undo.push(await startWine(env));
    let cgroup: string | undefined;
    if (options.systemd) {
      const slice = seat ? `user.slice/user-${uid}.slice` : `${path.basename(folder)}.slice`;
      const manager = await startUserManager(slice, loginEnv);
      cgroup = manager.cgroup;
      undo.push(manager.stop);
    }
    return {
      env,
      home,
      runtimeDir,
      winePrefix,
      localAppData: {linux: toLinuxPath(winePrefix, localAppData), windows: localAppData},
      run: (command, args, options) => run(command, args, env, options),
      toWindows: linuxPath => toWindowsPath(winePrefix, linuxPath),
      toLinux: windowsPath => toLinuxPath(winePrefix, windowsPath),
      async journal(unit) {
        if (cgroup === undefined) throw new Error('this twin has no journal: start it with {systemd: true}');
        return readJournal(unit, cgroup, env);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
