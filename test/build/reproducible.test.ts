import {cp, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['.ci', 'linux', 'windows', 'shared', 'package.json', 'package-lock.json'];
const EXE = 'wslagent-helper.exe';

test('two builds at once, in folders of different depth, give the same bytes', async t => {
  t.timeout(600_000, 'four exes are made, on two cores or fewer');
  const base = await mkdtemp(join(tmpdir(), 'wslagent-build-'));
  t.teardown(() => rm(base, {recursive: true}));
  const trees = [join(base, 'a'), join(base, 'a longer name', 'deeper')];
  await Promise.all(trees.map(async tree => buildIn(await copyTo(tree))));

  const [one, other] = await Promise.all(trees.map(tree => readFile(join(tree, 'dist/SHA256SUMS'), 'utf8')));
  t.is(one, other);
  t.regex(one ?? '', /wslagent-helper-arm64\.exe/);
});

test('a build makes again what is missing or harmed, and nothing else', async t => {
  t.timeout(600_000, 'two exes are made, one after the other');
  const tree = await copyTo(await mkdtemp(join(tmpdir(), 'wslagent-build-')));
  t.teardown(() => rm(tree, {recursive: true}));
  const options = ['--helper-only', '--arch', 'x64'];
  const exe = join(tree, 'dist', EXE);
  await buildIn(tree, options);
  const first = {sums: await readFile(join(tree, 'dist/SHA256SUMS'), 'utf8'), made: (await stat(exe)).ino};

  await buildIn(tree, options);
  t.is((await stat(exe)).ino, first.made);

  await truncate(exe, 1000);
  await buildIn(tree, options);
  t.not((await stat(exe)).ino, first.made);
  t.is(await readFile(join(tree, 'dist/SHA256SUMS'), 'utf8'), first.sums);
});

async function copyTo(tree: string): Promise<string> {
  await mkdir(tree, {recursive: true});
  await Promise.all(SOURCES.map(name => cp(join(ROOT, name), join(tree, name), {recursive: true})));
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

async function buildIn(tree: string, options: string[] = []): Promise<void> {
  await execa(process.execPath, [join(tree, '.ci/build.ts'), ...options], {cwd: tree, stdin: 'ignore'});
}
