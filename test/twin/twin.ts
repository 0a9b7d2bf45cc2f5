/*
 * A twin: what a test or a person uses in place of a WSL2 distribution with Windows around it. Needs the namespaces
 * that enter.ts makes; test/twin/README.md says what in here is real.
 */
import {existsSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {mkdir, mkdtemp, readdir, rm} from 'node:fs/promises';
import {userInfo} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {readJournal} from './journal.ts';
import {twinMissing} from './missing.ts';
import {makePrefix} from './prefix.ts';
import {type RunOptions, type RunResult, run} from './run.ts';
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

const base = '/run/wslagent-twin';
const bin = fileURLToPath(new URL('bin', import.meta.url));
const localAppData = 'C:\\users\\Ada Lovelace\\AppData\\Local';

function userName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}

/**
 * Takes the seat: `/run/user/UID`, of which there is one, and where gpg looks for its sockets whatever the environment
 * says. Held by the first twin of a namespace until it stops.
 */
function takeSeat(): boolean {
  const seat = path.join(base, 'seat');
  try {
    writeFileSync(seat, String(process.pid), {flag: 'wx'});
    return true;
  } catch {
    if (existsSync(path.join('/proc', readFileSync(seat, 'utf8')))) return false;
    rmSync(seat);
    return takeSeat();
  }
}

/** Starts a twin; about a second once the template prefix is there. `systemd` adds a `systemd --user` of its own. */
export async function startTwin(options: {systemd?: boolean} = {}): Promise<Twin> {
  if (!existsSync(path.join(base, 'init'))) throw new Error('run inside the twin: npm run twin or npm test');
  if (options.systemd && !existsSync(path.join(base, 'has-cgroup'))) {
    throw new Error(
      `no systemd in this twin: ${twinMissing('systemd').join('; ') || 'it was entered without a cgroup'}`,
    );
  }
  const uid = process.getuid?.() ?? 0;
  const user = userName(uid);
  const seated = takeSeat();
  const folder = await mkdtemp(path.join(base, 'twin-'));
  const home = path.join(folder, 'home');
  const temporary = path.join(folder, 'tmp');
  const winePrefix = path.join(folder, 'prefix');
  const runtimeDir = seated ? `/run/user/${uid}` : path.join(folder, 'run');
  const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  // what a login gives to the user manager, and so to units
  const loginEnv: Record<string, string> = {
    PATH: `${bin}:${path.dirname(process.execPath)}:${standardPath}`,
    HOME: home,
    USER: user,
    LOGNAME: user,
    SHELL: '/bin/sh',
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

  const undo: Array<() => Promise<void>> = [
    async () => {
      if (seated) {
        for (const entry of await readdir(runtimeDir))
          await rm(path.join(runtimeDir, entry), {recursive: true});
        await rm(path.join(base, 'prefix'), {force: true});
        await rm(path.join(base, 'seat'));
      }
    },
    () => rm(folder, {recursive: true, force: true, maxRetries: 5}),
  ];
  const stop = async () => {
    const faults: unknown[] = [];
    for (let step = undo.pop(); step; step = undo.pop()) await step().catch(fault => faults.push(fault));
    if (faults.length > 0)
      throw new AggregateError(faults, `the twin did not end cleanly: ${faults.join('; ')}`);
  };
  try {
    for (const made of [home, temporary, runtimeDir]) await mkdir(made, {recursive: true, mode: 0o700});
    await makePrefix(readFileSync(path.join(base, 'wine'), 'utf8').trim(), winePrefix);
    if (seated) symlinkSync(winePrefix, path.join(base, 'prefix'));
    undo.push(await startWine(env));
    let cgroup: string | undefined;
    if (options.systemd) {
      const slice = seated ? `user.slice/user-${uid}.slice` : `${path.basename(folder)}.slice`;
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
