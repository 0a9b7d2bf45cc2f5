import {existsSync, statSync} from 'node:fs';
import {isAbsolute, join} from 'node:path';
import {UserError} from './errors.ts';
import {SYSTEMD_OFF} from './wsl.ts';

type Env = NodeJS.ProcessEnv;

/** Where systemd makes a folder for each user who is logged in (pam_systemd(8)). */
const RUNTIME_DIRS = '/run/user';

const EXPORT = 'export XDG_RUNTIME_DIR=/run/user/$(id -u)';

/**
 * The folder for sockets, without the trailing slash that WSL before 2.7.1 leaves on it.
 * Throws UserError when there is none, or when it is another user's.
 */
export function runtimeDir(env: Env = process.env): string {
  const value = env.XDG_RUNTIME_DIR?.replace(/\/+$/, '');
  if (value === undefined || value === '') throw noRuntimeDir('XDG_RUNTIME_DIR is not set');
  if (!isAbsolute(value)) throw noRuntimeDir(`XDG_RUNTIME_DIR is "${value}", which is not absolute`);
  const owner = statSync(value, {throwIfNoEntry: false})?.uid;
  if (owner !== undefined && owner !== process.getuid?.())
    throw noRuntimeDir(`XDG_RUNTIME_DIR names ${value}, which belongs to user ${owner}, not to you`);
  return value;
}

/** Says how to get at this user's own folder, or what is wrong with that too. */
function noRuntimeDir(message: string): UserError {
  const own = ownRuntimeDir();
  const stats = statSync(own, {throwIfNoEntry: false});
  if (stats === undefined)
    return new UserError(
      `${message}, and ${own} does not exist`,
      // systemd makes it with the user manager
      existsSync('/run/systemd/system')
        ? `sudo systemctl restart user@$(id -u).service\n${EXPORT}`
        : SYSTEMD_OFF,
    );
  if (isOurs(own)) return new UserError(message, EXPORT);
  return new UserError(
    `${message}, and ${own} is not yours alone`,
    `sudo chown "$(id -u):$(id -g)" ${own} && chmod 700 ${own} && ${EXPORT}`,
  );
}

/**
 * Sets XDG_RUNTIME_DIR where nobody did, as under cron, su and sudo, when this user has the folder that a login would
 * have brought: for us, and for systemctl, which finds the user manager by it.
 */
export function findRuntimeDir(env: Env = process.env, own: string = ownRuntimeDir()): void {
  if (!env.XDG_RUNTIME_DIR && isOurs(own)) env.XDG_RUNTIME_DIR = own;
}

function ownRuntimeDir(): string {
  return `${RUNTIME_DIRS}/${process.getuid?.()}`;
}

/** It belongs to this user, and nobody else may look into it. */
function isOurs(folder: string): boolean {
  const stats = statSync(folder, {throwIfNoEntry: false});
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
}

/** The folder that holds the sockets of all endpoints but GnuPG's. */
export function socketDir(env: Env = process.env): string {
  return join(runtimeDir(env), 'wslagent');
}

export function homeDir(env: Env = process.env): string {
  const value = env.HOME;
  if (value === undefined || !isAbsolute(value)) throw new UserError('HOME is not set', 'export HOME=~');
  return value;
}

/** XDG base directory: the variable when it is set and absolute, else the folder below HOME. */
function xdg(env: Env, name: string, fallback: string): string {
  const value = env[name];
  return value !== undefined && isAbsolute(value) ? value : join(homeDir(env), fallback);
}

export function configHome(env: Env = process.env): string {
  return xdg(env, 'XDG_CONFIG_HOME', '.config');
}

export function configFile(env: Env = process.env): string {
  return join(configHome(env), 'wslagent', 'config.toml');
}

/** Where systemd's user manager looks for a person's own units. */
export function unitDir(env: Env = process.env): string {
  return join(configHome(env), 'systemd', 'user');
}

/** Where install keeps its record of what it did, for uninstall. */
export function stateDir(env: Env = process.env): string {
  return join(xdg(env, 'XDG_STATE_HOME', '.local/state'), 'wslagent');
}

/** Variables for the user manager and what it starts (environment.d(5)). */
export function environmentDir(env: Env = process.env): string {
  return join(configHome(env), 'environment.d');
}

/** Where a person's own programs go; the usual ~/.profile puts it on PATH when it exists. */
export function programDir(env: Env = process.env): string {
  return join(homeDir(env), '.local', 'bin');
}
