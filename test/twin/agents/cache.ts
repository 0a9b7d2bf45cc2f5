import {createHash} from 'node:crypto';
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {dirname, isAbsolute, join} from 'node:path';
import {type Recipe, recipeKey} from './recipe.ts';

/** `manifest.json` beside the results: the sha256 of each, by its path below the entry's folder. */
type Manifest = {sums: Record<string, string>};

/** The folder of all built agents: `$WSLAGENT_TWIN_CACHE/agents`, else below the user's cache folder. */
export function agentsCache(env: NodeJS.ProcessEnv = process.env): string {
  if (env.WSLAGENT_TWIN_CACHE) {
    return join(env.WSLAGENT_TWIN_CACHE, 'agents');
  }
  const base = env.XDG_CACHE_HOME ?? '';
  // A relative XDG_CACHE_HOME is to be ignored, says the base directory specification.
  return join(isAbsolute(base) ? base : join(env.HOME ?? homedir(), '.cache'), 'wslagent', 'agents');
}

/** The folder of the first of `recipes` whose results are there and unharmed, undefined when none is. */
export async function findBuilt(cache: string, recipes: Recipe[]): Promise<string | undefined> {
  for (const recipe of recipes) {
    const folder = join(cache, recipeKey(recipe));
    if (await isIntact(folder, recipe)) {
      return folder;
    }
  }
  return undefined;
}

/** Puts the products of `build` into the cache in one step, in place of what may be there; gives the folder. */
export async function publish(cache: string, recipe: Recipe, build: string): Promise<string> {
  const folder = join(cache, recipeKey(recipe));
  const fresh = `${folder}.new`;
  await rm(fresh, {recursive: true, force: true});
  const sums: Manifest['sums'] = {};
  for (const [from, to] of Object.entries(recipe.products)) {
    const bytes = await readFile(join(build, from));
    await mkdir(dirname(join(fresh, to)), {recursive: true});
    await writeFile(join(fresh, to), bytes, {mode: 0o755});
    sums[to] = sha256(bytes);
  }
  await writeFile(join(fresh, 'manifest.json'), JSON.stringify({sums} satisfies Manifest, null, 2));
  await rm(folder, {recursive: true, force: true});
  await rename(fresh, folder);
  return folder;
}

async function isIntact(folder: string, recipe: Recipe): Promise<boolean> {
  try {
    const {sums}: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    for (const product of Object.values(recipe.products)) {
      if (sha256(await readFile(join(folder, product))) !== sums[product]) {
        return false;
      }
    }
    return true;
  } catch {
    return false;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
