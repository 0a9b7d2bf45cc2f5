// needs: wine
import {appendFile, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {agentsCache, findBuilt, publish} from './cache.ts';
import {gnupgRecipes} from './gnupg-build.ts';
import {pageantRecipes} from './putty.ts';
import {type Recipe, recipeKey} from './recipe.ts';

const recipe: Recipe = {
  agent: 'pageant',
  version: '1',
  takes: 'no time',
  source: {package: 'p', file: 'p.tar', sha256: '00', suites: []},
  parts: [],
  files: {'own.c': 'int x;'},
  steps: ({source, build, jobs}) => [{command: 'cc', args: [source, build, `-j${jobs}`]}],
  products: {'out.exe': 'bin/a.exe'},
};

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agents-'));
  t.teardown(() => rm(folder, {recursive: true}));
  return folder;
}

async function built(t: ExecutionContext): Promise<{cache: string; build: string; folder: string}> {
  const [cache, build] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeFile(join(build, 'out.exe'), 'MZ');
  return {cache, build, folder: await publish(cache, recipe, build)};
}

test('what was published is found, and nothing unfinished is left', async t => {
  const {cache, folder} = await built(t);
  t.is(await findBuilt(cache, [{...recipe, version: '2'}, recipe]), folder);
  t.is(await readFile(join(folder, 'bin/a.exe'), 'utf8'), 'MZ');
  t.deepEqual(await readdir(cache), [recipeKey(recipe)]);
});

test('the first of several recipes wins', async t => {
  const {cache, build} = await built(t);
  const newer = await publish(cache, {...recipe, version: '2'}, build);
  t.is(await findBuilt(cache, [{...recipe, version: '2'}, recipe]), newer);
});

for (const [title, harm] of [
  ['a changed exe', (folder: string) => appendFile(join(folder, 'bin/a.exe'), '!')],
  ['a missing exe', (folder: string) => rm(join(folder, 'bin/a.exe'))],
  ['a missing manifest', (folder: string) => rm(join(folder, 'manifest.json'))],
  ['a manifest cut short', (folder: string) => writeFile(join(folder, 'manifest.json'), '{"su')],
  ['a manifest without sums', (folder: string) => writeFile(join(folder, 'manifest.json'), '{}')],
] as const) {
  test(`${title} is noticed, and mended by the next build`, async t => {
    const {cache, build, folder} = await built(t);
    await harm(folder);
    t.is(await findBuilt(cache, [recipe]), undefined);
    await publish(cache, recipe, build);
    t.is(await findBuilt(cache, [recipe]), folder);
  });
}

test('everything that decides the result changes the key; who builds it, where and how fast does not', t => {
  const others: Recipe[] = [
    {...recipe, version: '2'},
    {...recipe, source: {...recipe.source, sha256: '01'}},
    {...recipe, files: {'own.c': 'int y;'}},
    {...recipe, products: {'out.exe': 'bin/b.exe'}},
    {...recipe, steps: ({source}) => [{command: 'cc', args: [source, '-O2']}]},
  ];
  t.is(new Set([recipe, ...others].map(recipeKey)).size, 1 + others.length);
  t.is(recipeKey({...recipe, takes: 'long', parts: [{proof: 'x', package: 'y'}]}), recipeKey(recipe));
});

test('the recipes of all versions are told apart', t => {
  const all = [...pageantRecipes(), ...gnupgRecipes()];
  t.is(new Set(all.map(recipeKey)).size, all.length);
});

test('the cache is where the environment says', t => {
  const home = '/home/ada';
  t.is(agentsCache({HOME: home}), '/home/ada/.cache/wslagent/agents');
  t.is(agentsCache({HOME: home, XDG_CACHE_HOME: '/c'}), '/c/wslagent/agents');
  t.is(agentsCache({HOME: home, XDG_CACHE_HOME: 'relative'}), '/home/ada/.cache/wslagent/agents');
  t.is(agentsCache({HOME: home, XDG_CACHE_HOME: '/c', WSLAGENT_TWIN_CACHE: '/t'}), '/t/agents');
});
