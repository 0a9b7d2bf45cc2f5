import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {oneLine, shellWord} from '../../shared/text.ts';
import {configHome, homeDir} from '../paths.ts';
import type {Fault} from './fault.ts';
import {type ShellFacts, type ShellFile, shellFacts, shellFiles} from './shell-files.ts';
import {laterValues, type Obstacle, obstacles} from './start-up-order.ts';
import {systemctl} from './systemctl.ts';

type Told = {text: string; hint: string};

const DEADLINE = 5000;

/** What keeps `socket`, ours, from shells and from what systemd starts, as a status says it. */
export async function environmentProblems(socket: string, env: NodeJS.ProcessEnv): Promise<Fault[]> {
  const manager = await managerProblem(socket);
  const all = [...startUpProblems(env), ...(manager === undefined ? [] : [manager])];
  return all.map(({text, hint}) => ({what: text, hint}));
}

/** What keeps our socket from shells: places in their start-up files, each with the line that opens an editor there. */
export function startUpProblems(env: NodeJS.ProcessEnv): Told[] {
  const facts = shellFacts(env, homeDir(env), configHome(env), existsSync);
  const files = shellFiles(facts);
  const found = [
    ...files.filter(({syntax}) => syntax === 'posix').map(({path}) => ({path, found: obstacles(read(path))})),
    ...readLater(facts, files).map(path => ({path, found: laterValues(read(path))})),
  ];
  return found.flatMap(({path, found}) => found.map(obstacle => problem(path, obstacle)));
}

function problem(path: string, {line, kind, text}: Obstacle): Told {
  const what =
    kind === 'leaves'
      ? 'ends that file before the lines of wslagent'
      : 'sets SSH_AUTH_SOCK after wslagent did';
  return {
    text: `${path}, line ${line}, ${what}: ${oneLine(text, 120)}`,
    hint: `"\${EDITOR:-nano}" +${line} ${shellWord(path)}`,
  };
}

/** Files that a shell reads after the one that has our lines (zsh(1) STARTUP/SHUTDOWN FILES, fish(1)). */
function readLater({zdotdir, config}: ShellFacts, files: readonly ShellFile[]): string[] {
  const later: string[] = [];
  if (files.some(({path}) => path === join(zdotdir, '.zshrc'))) later.push(join(zdotdir, '.zlogin'));
  const ours = files.find(({syntax}) => syntax === 'fish')?.path;
  if (ours !== undefined) {
    const folder = dirname(ours);
    const names = list(folder).filter(name => name.endsWith('.fish') && join(folder, name) > ours);
    later.push(...names.sort().map(name => join(folder, name)), join(config, 'fish', 'config.fish'));
  }
  return later;
}

/**
 * Where systemd's user manager hands another SSH_AUTH_SOCK to what it starts than `expected`, the absolute path of our
 * socket: our file for it counts less than `systemctl --user set-environment`. Undefined where there is no such thing.
 */
async function managerProblem(expected: string): Promise<Told | undefined> {
  const {ok, stdout} = await systemctl(['show-environment'], {deadline: DEADLINE});
  const value = ok ? /^SSH_AUTH_SOCK=(.*)$/m.exec(stdout)?.[1] : undefined;
  // one with quotes is compared with nothing
  if (value === undefined || value === expected || shellWord(expected) !== expected) return undefined;
  return {
    text: `what systemd starts gets SSH_AUTH_SOCK=${oneLine(value, 300)}, by systemctl --user set-environment or import-environment`,
    hint: 'systemctl --user unset-environment SSH_AUTH_SOCK',
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
