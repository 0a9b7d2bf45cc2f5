import {existsSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Endpoint} from '../endpoints.ts';
import {UserError} from '../errors.ts';
import {DIST, npmLine} from '../helper-command.ts';
import {configHome, environmentDir, homeDir, programDir, runtimeDir, unitDir} from '../paths.ts';
import type {Note} from './change.ts';
import {isShell} from './env-line.ts';
import {environmentItems, sshEndpoint} from './environment.ts';
import {startUpProblems} from './environment-problems.ts';
import {gnupgFacts} from './gnupg-facts.ts';
import {gnupgItems, replacesAgent} from './gnupg-items.ts';
import {type HelperSource, isProgram} from './helper-source.ts';
import type {Item} from './item.ts';
import {launcherItem} from './launcher.ts';
import type {InstalledEndpoint, Mode} from './record.ts';
import {isKnownShell, shellFacts, shellFiles} from './shell-files.ts';
import {unitItems} from './units.ts';

export type Wanted = {
  items: Item[];
  notes: Note[];
  /** Folders that only their owner may look into. */
  privateFolders: string[];
  /** Node and the bundle. */
  program: readonly [node: string, script: string];
};

/** Everything that an installation of these endpoints consists of, in the order in which it is made. */
export async function wanted(
  endpoints: readonly Endpoint[],
  mode: Mode,
  helper: HelperSource,
  env: NodeJS.ProcessEnv,
): Promise<Wanted> {
  const wslagent = [process.execPath, bundle()] as const;
  const units = unitItems({
    mode,
    endpoints,
    unitDir: unitDir(env),
    runtimeDir: runtimeDir(env),
    wslagent,
    helper: helper.words,
    helperVariable: helper.variable,
  });
  const launcher = launcherItem(programDir(env), wslagent, env.PATH ?? '', isProgram);
  const sockets = gnupgSockets(endpoints);
  const facts = replacesAgent(sockets) ? await gnupgFacts() : undefined;
  const gnupg = gnupgItems(sockets, facts);
  const ssh = environment(endpoints, env);
  return {
    items: [
      ...helper.items,
      ...units,
      ...(launcher === undefined ? [] : [launcher]),
      ...gnupg.items,
      ...ssh.items,
    ],
    notes: [...(gnupg.note === undefined ? [] : [gnupg.note]), ...ssh.notes],
    privateFolders: facts === undefined ? [] : [facts.homedir],
    program: wslagent,
  };
}

/** The paths of those endpoints that are GnuPG's. */
export function gnupgSockets(endpoints: readonly Pick<InstalledEndpoint, 'gnupg' | 'listen'>[]): string[] {
  return endpoints.filter(({gnupg}) => gnupg).map(({listen}) => listen);
}

/** How SSH_AUTH_SOCK reaches shells and units, when one of these endpoints speaks the protocol. */
export function environment(
  endpoints: readonly InstalledEndpoint[],
  env: NodeJS.ProcessEnv,
): {items: Item[]; notes: Note[]} {
  const ssh = sshEndpoint(endpoints);
  if (ssh === undefined) return {items: [], notes: []};
  const facts = shellFacts(env, homeDir(env), configHome(env), existsSync);
  const items = environmentItems(ssh.listen, {
    runtimeDir: runtimeDir(env),
    environmentDir: environmentDir(env),
    files: shellFiles(facts),
  });
  const note = {
    text: `SSH_AUTH_SOCK is not set for ${facts.shell}, whose start-up files wslagent does not know`,
    hint: isShell(facts.shell) ? `wslagent env ${facts.shell}` : `let them set it to: ${ssh.listen}`,
  };
  return {items, notes: [...(isKnownShell(facts) ? [] : [note]), ...startUpProblems(env)]};
}

function bundle(): string {
  const path = join(DIST, 'wslagent.mjs');
  if (statSync(path, {throwIfNoEntry: false})?.isFile()) return path;
  throw new UserError(`${path} does not exist`, npmLine('build'));
}
