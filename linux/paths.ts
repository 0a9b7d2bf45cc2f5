import {isAbsolute, join} from 'node:path';
import {UserError} from './errors.ts';

type Env = NodeJS.ProcessEnv;

/**
 * The folder for sockets, without the trailing slash that WSL before 2.7.1 leaves on it.
 * Throws UserError when there is none.
 */
export function runtimeDir(env: Env = process.env): string {
  const value = env.XDG_RUNTIME_DIR?.replace(/\/+$/, '');
  if (value === undefined || value === '' || !isAbsolute(value))
    throw new UserError(
      value === undefined || value === ''
        ? 'XDG_RUNTIME_DIR is not set'
        : `XDG_RUNTIME_DIR is "${value}", which is not absolute`,
      'export XDG_RUNTIME_DIR=/run/user/$(id -u)',
    );
  return value;
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
