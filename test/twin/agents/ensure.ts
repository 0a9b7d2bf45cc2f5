import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';
import {buildObstacle, installParts} from './apt.ts';
import {agentsCache, findBuilt, publish} from './cache.ts';
import {runLogged} from './command.ts';
import {AgentsFault} from './fault.ts';
import {gnupgRecipes} from './gnupg-build.ts';
import {withLock} from './lock.ts';
import {pageantRecipes} from './putty.ts';
import type {AgentName, Recipe} from './recipe.ts';
import {fetchFirst} from './sources.ts';

const RECIPES: Record<AgentName, () => Recipe[]> = {pageant: pageantRecipes, gnupg: gnupgRecipes};
// A build takes minutes at most; who waits longer for another's build waits for something stuck.
const PATIENCE_S = 3600;

export type Agents = {
  pageant?: {folder: string; pageantExe: string; askPipeExe: string};
  /** `folder` holds `bin/`, as GnuPG's own installer lays it out. */
  gnupg?: {folder: string};
};

export type Missing = {agent: AgentName; obstacle?: {message: string; hint: string}};

/**
 * Gives the wanted agents from the cache, building those that it lacks (about a minute each). Progress comes as
 * one line per step. Rejects with an AgentsFault when this machine cannot build them.
 */
export async function ensureAgents(wanted: {
  pageant?: boolean;
  gnupg?: boolean;
  onProgress?: (line: string) => void;
}): Promise<Agents> {
  const say = wanted.onProgress ?? (() => {});
  const agents: Agents = {};
  if (wanted.pageant) {
    const folder = await ensure('pageant', say);
    const [pageantExe, askPipeExe] = [join(folder, 'bin/pageant.exe'), join(folder, 'bin/ask-pipe.exe')];
    agents.pageant = {folder, pageantExe, askPipeExe};
  }
  if (wanted.gnupg) {
    agents.gnupg = {folder: await ensure('gnupg', say)};
  }
  return agents;
}

/** Which of the agents the cache lacks, and for each why this machine cannot build it, if it cannot. Builds nothing. */
export async function agentsMissing(names: AgentName[] = ['pageant', 'gnupg']): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const agent of names) {
    const recipes = RECIPES[agent]();
    if ((await findBuilt(agentsCache(), recipes)) === undefined) {
      const obstacle = await buildObstacle(partsOf(recipes));
      missing.push({agent, ...(obstacle && {obstacle: {message: obstacle.message, hint: obstacle.hint}})});
    }
  }
  return missing;
}

async function ensure(agent: AgentName, say: (line: string) => void): Promise<string> {
  const cache = agentsCache();
  const recipes = RECIPES[agent]();
  const built = await findBuilt(cache, recipes);
  if (built !== undefined) {
    return built;
  }
  if (!/^[\w./+-]+$/.test(cache)) {
    throw new AgentsFault(
      `the Windows agents cannot be built in ${cache}: configure scripts need a path without spaces and signs`,
      'export WSLAGENT_TWIN_CACHE=/var/tmp/wslagent-twin',
    );
  }
  await mkdir(cache, {recursive: true});
  return withLock(join(cache, `${agent}.lock`), PATIENCE_S, async () => {
    return (await findBuilt(cache, recipes)) ?? (await buildFirst(agent, recipes, cache, say));
  });
}

async function buildFirst(
  agent: AgentName,
  recipes: Recipe[],
  cache: string,
  say: (line: string) => void,
): Promise<string> {
  const log = join(cache, `${agent}.log`);
  await rm(log, {force: true});
  await installParts(partsOf(recipes), {cache, log, say});
  const work = await workFolder(cache, agent);
  try {
    const {recipe, tarball} = await fetchFirst(recipes, {work, log, say});
    return await build(recipe, {cache, work, tarball, log, say});
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}

/**
 * A new folder each time, because what a killed build started may still write into its own; those that are left
 * are removed, which only the lock's holder may do.
 */
async function workFolder(cache: string, agent: AgentName): Promise<string> {
  const prefix = `${agent}.work-`;
  const stale = (await readdir(cache)).filter(name => name.startsWith(prefix));
  await Promise.all(stale.map(name => rm(join(cache, name), {recursive: true, force: true, maxRetries: 5})));
  return mkdtemp(join(cache, prefix));
}

async function build(
  recipe: Recipe,
  at: {cache: string; work: string; tarball: string; log: string; say: (line: string) => void},
): Promise<string> {
  const started = performance.now();
  const [source, folder] = [join(at.work, 'source'), join(at.work, 'build')];
  at.say(`building ${recipe.agent} ${recipe.version} (about ${recipe.takes}; log: ${at.log})`);
  await mkdir(source);
  await mkdir(folder);
  const unpack = ['-xf', at.tarball, '-C', source, '--strip-components=1', '--no-same-owner'];
  await runLogged(at.log, {command: 'tar', args: unpack});
  for (const [name, content] of Object.entries(recipe.files)) {
    await writeFile(join(folder, name), content);
  }
  for (const step of recipe.steps({source, build: folder, jobs: availableParallelism()})) {
    await runLogged(at.log, step);
  }
  const result = await publish(at.cache, recipe, folder);
  at.say(`built ${recipe.agent} ${recipe.version} in ${Math.round((performance.now() - started) / 1000)} s`);
  return result;
}

function partsOf(recipes: Recipe[]) {
  return recipes[0]?.parts ?? [];
}
