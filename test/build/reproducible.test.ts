import {cp, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {EXE_NAMES} from '../../.ci/build/build.ts';
import {KOFFI_NAMES} from '../../.ci/build/koffi-win.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['.ci', 'linux', 'windows', 'shared', 'package.json', 'package-lock.json'];

let base: string;
let trees: [string, string];

test.before('two builds at once, in folders of different depth', async t => {
  t.timeout(600_000, 'four exes are made, on two cores or fewer');
  base = await mkdtemp(join(tmpdir(), 'wslagent-build-'));
  trees = [await copyTo(join(base, 'a')), await copyTo(join(base, 'a longer name', 'deeper'))];
  await Promise.all(trees.map(tree => buildIn(tree)));
});

test.after.always(() => rm(base, {recursive: true, force: true}));

test.serial('the same sources give the same bytes in any folder', async t => {
  const [one, other] = await Promise.all(trees.map(sums));
  t.is(one, other);
  t.is(one?.match(/ {2}[^/\n]+\.(?:mjs|cjs|exe|node)$/gm)?.length, 6);
  t.true((one?.match(/ {2}wslagent\/.+\.mjs$/gm)?.length ?? 0) > 10);
});

test.serial('a build makes again what is missing or harmed, and nothing else', async t => {
  t.timeout(600_000, 'an exe is made');
  const [tree] = trees;
  const products = [...Object.values(EXE_NAMES), ...Object.values(KOFFI_NAMES)];
  const inodes = () => Promise.all(products.map(name => inode(tree, name)));
  const before = {sums: await sums(tree), inodes: await inodes()};
  await buildIn(tree);
  t.deepEqual(await inodes(), before.inodes);

  const harmed = [EXE_NAMES.x64, KOFFI_NAMES.arm64];
  for (const name of harmed) {
    await truncate(join(tree, 'dist', name), 1000);
  }
  await rm(join(tree, 'dist/wslagent-helper.cjs'));
  // of a build before this one
  await writeFile(join(tree, 'dist/wslagent/old-ABCDEFGH.mjs'), 'old');
  await buildIn(tree);
  const after = await inodes();
  t.deepEqual(
    products.filter((_, i) => after[i] !== before.inodes[i]),
    harmed,
  );
  t.is(await sums(tree), before.sums);
});

/** A new number tells that a file was put in the place of the one before. */
async function inode(tree: string, name: string): Promise<number> {
  return (await stat(join(tree, 'dist', name))).ino;
}

function sums(tree: string): Promise<string> {
  return readFile(join(tree, 'dist/SHA256SUMS'), 'utf8');
}

async function copyTo(tree: string): Promise<string> {
  await mkdir(tree, {recursive: true});
  await Promise.all(SOURCES.map(name => cp(join(ROOT, name), join(tree, name), {recursive: true})));
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

async function buildIn(tree: string): Promise<void> {
  await execa(process.execPath, [join(tree, '.ci/build.ts')], {cwd: tree, stdin: 'ignore'});
}
