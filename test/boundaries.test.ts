import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {isBuiltin} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join, normalize} from 'node:path';
import test from 'ava';
import {type Metafile, transform} from 'esbuild';
import {execa} from 'execa';
import {bundleCli, bundleHelper} from '../.ci/build/bundle.ts';

const ROOT = join(import.meta.dirname, '..');

/** Minified. Read at every start of the exe, so it grows only by code; the smallest library would take the rest. */
const HELPER_BUDGET_BYTES = 160 * 1024;

/** `import … from 'x'` and `export … from 'x'`, `import 'x'`, `import('x')`, `require('x')`, as biome lays them out. */
const IMPORT =
  /^(?:import|export)\b[^'"`;]*?\bfrom '(.+?)'|^import '(.+?)'|\b(?:import|require)\('(.+?)'\)/gm;

/** What the CLI may carry; everything else among the dependencies is for building and testing. */
const CLI_LIBRARIES = ['execa', 'smol-toml', 'valibot', 'winston', 'yargs'];

/** The two globals that are pure and yet not of the language; shared/ may use no other. */
const PURE_GLOBALS = `
declare class TextEncoder { encode(text?: string): Uint8Array; }
declare class TextDecoder {
  constructor(label?: string, options?: {fatal?: boolean; ignoreBOM?: boolean});
  decode(bytes?: Uint8Array, options?: {stream?: boolean}): string;
}`;

test('the CLI takes nothing from windows/', async t => {
  const {metafile} = await bundleCli(ROOT);
  t.deepEqual(inputs(metafile, /^windows\//), []);
  t.true(inputs(metafile, /^linux\//).length > 1);
});

test('the CLI carries its own few libraries and no tool for building or testing', async t => {
  const {metafile} = await bundleCli(ROOT);
  const {devDependencies} = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const carried = Object.keys(devDependencies).filter(
    name => inputs(metafile, new RegExp(`^node_modules/${name}/`)).length > 0,
  );
  t.deepEqual(carried.sort(), CLI_LIBRARIES);
  t.deepEqual(
    externals(metafile).filter(path => !isBuiltin(path)),
    [],
  );
});

test('the helper is made of windows/ and shared/ alone, and loads only Node by its node: names', async t => {
  const {metafile} = await bundleHelper(ROOT);
  t.deepEqual(inputs(metafile, /^(?!windows\/|shared\/)/), []);
  t.true(inputs(metafile, /^windows\//).length > 0);
  t.deepEqual(
    externals(metafile).filter(path => !path.startsWith('node:')),
    [],
  );
});

test('the helper stays small', async t => {
  const {text} = await bundleHelper(ROOT);
  const size = Buffer.byteLength((await transform(text, {minify: true})).code);
  t.true(size <= HELPER_BUDGET_BYTES, `${size} bytes, the budget is ${HELPER_BUDGET_BYTES}`);
});

// The bundles show only what is reached from their entry, and no imports of types: so every file is read too.
const ALLOWED: [folder: string, allowed: RegExp][] = [
  ['linux', /^(?:linux\/|shared\/|node:)/],
  ['windows', /^(?:windows\/|shared\/|node:)/],
  ['shared', /^shared\//],
];

for (const [folder, allowed] of ALLOWED) {
  test(`no file of ${folder}/ imports across the border`, async t => {
    const found = await importsUnder(folder);
    const offenders = found.filter(
      found => !allowed.test(found.target) && !isCliLibrary(folder, found.target) && !isKoffisTypes(found),
    );
    t.deepEqual(offenders, []);
    t.true(found.length > 0);
  });
}

test('shared/ uses neither Node nor any global that is not of the language', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'wslagent-shared-'));
  t.teardown(() => rm(dir, {recursive: true}));
  await writeFile(join(dir, 'globals.d.ts'), PURE_GLOBALS);
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {types: []},
    include: [join(ROOT, 'shared'), join(dir, 'globals.d.ts')],
  };
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(config));
  const {stdout, exitCode} = await execa('tsc', ['-p', dir], {
    preferLocal: true,
    localDir: ROOT,
    reject: false,
  });
  t.is(stdout, '');
  t.is(exitCode, 0);
});

test('shared/ throws no dice', async t => {
  const offenders = await sourcesWith('shared', /\bMath\.random\b/);
  t.deepEqual(offenders, []);
});

/** A measure of time takes a clock that nobody sets. */
const WALL_CLOCK = [
  // the time of a change to a file is told by no other clock
  'linux/install/relay-age.ts',
  // write the time for a person, or a script of his, to read
  'linux/install/status-text.ts',
  'linux/install/status.ts',
  'linux/terminal-log.ts',
  'windows/npiperelay/log.ts',
];

test('only what shows the time to a person, or looks at that of a file, looks at the wall clock', async t => {
  const found = await Promise.all(
    ['linux', 'windows', 'shared'].map(folder => sourcesWith(folder, /\bDate\b/)),
  );
  t.deepEqual(found.flat().sort(), WALL_CLOCK);
});

async function sourcesWith(folder: string, what: RegExp): Promise<string[]> {
  const sources = await sourcesUnder(folder);
  return sources.filter(({text}) => what.test(text)).map(({path}) => path);
}

function inputs({inputs: all}: Metafile, wanted: RegExp): string[] {
  return Object.keys(all).filter(path => wanted.test(path));
}

function externals({outputs}: Metafile): string[] {
  const imports = Object.values(outputs).flatMap(output => output.imports);
  return [...new Set(imports.filter(({external}) => external).map(({path}) => path))];
}

function isCliLibrary(folder: string, target: string): boolean {
  return folder === 'linux' && CLI_LIBRARIES.some(name => target === name || target.startsWith(`${name}/`));
}

/** What the Win32 calls look like; koffi itself is a native file beside the exe, loaded without its JavaScript. */
function isKoffisTypes({path, target, isType}: Import): boolean {
  return isType && target === 'koffi' && path.startsWith('windows/native/');
}

interface Import {
  path: string;
  target: string;
  isType: boolean;
}

/** Everything that the files of a folder import, in any form; relative targets as paths from the root. */
async function importsUnder(folder: string): Promise<Import[]> {
  const sources = await sourcesUnder(folder);
  return sources.flatMap(({path, text}) =>
    [...text.matchAll(IMPORT)].map(([statement, ...names]) => {
      const name = names.find(found => found !== undefined) ?? '';
      const target = name.startsWith('.') ? normalize(join(dirname(path), name)) : name;
      return {path, target, isType: /^(?:import|export) type\b/.test(statement)};
    }),
  );
}

async function sourcesUnder(folder: string): Promise<{path: string; text: string}[]> {
  const names = await readdir(join(ROOT, folder), {recursive: true});
  const paths = names.filter(name => name.endsWith('.ts')).map(name => join(folder, name));
  return Promise.all(paths.map(async path => ({path, text: await readFile(join(ROOT, path), 'utf8')})));
}
