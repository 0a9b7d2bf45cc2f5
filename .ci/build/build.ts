import {chmod, mkdir, readdir, readFile, rename, rm} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {Fault} from '../fault.ts';
import {step} from '../step.ts';
import type {Arch} from './arch.ts';
import {bundleCli, bundleHelper, CHUNKS, CLI} from './bundle.ts';
import {type Ingredients, makeExe} from './exe.ts';
import {KOFFI_NAMES, koffiFile, koffiIdentity} from './koffi-win.ts';
import {NODE_VERSION, nodeArchive, nodeExeIdentity} from './node-win.ts';
import {notices} from './notices.ts';
import {put} from './put.ts';
import {fileSha256, isCurrent, remember, sha256} from './record.ts';
import type {Identity} from './resources.ts';
import {withWorkDir} from './work-dir.ts';

/** What to make; the paths are parameters so that tests can build a copy of the tree. */
export interface BuildOptions {
  root: string;
  dist: string;
  /** `dist/wslagent.mjs` and `dist/wslagent/`. */
  cli: boolean;
  /** The exes to make, each with koffi's native file beside it; `dist/wslagent-helper.cjs` is always made. */
  exes: readonly Arch[];
}

export const EXE_NAMES: Readonly<Record<Arch, string>> = {
  x64: 'wslagent-helper.exe',
  arm64: 'wslagent-helper-arm64.exe',
};
const HELPER = 'wslagent-helper.cjs';
const SUMS = 'SHA256SUMS';
const PRODUCTS = [HELPER, ...Object.values(EXE_NAMES), ...Object.values(KOFFI_NAMES)];
const EXECUTABLE = 0o755;

/** Builds into `dist`; steps whose inputs did not change are left out. Rejects with a `Fault` a person can act on. */
export async function build({root, dist, cli, exes}: BuildOptions): Promise<void> {
  if (process.versions.node !== NODE_VERSION) {
    throw new Fault(
      `the build needs node ${NODE_VERSION}, this is ${process.versions.node}`,
      'npm run build',
    );
  }
  await withWorkDir(dist, async work => {
    const helper = await step('build: bundling the helper', () => bundleHelper(root));
    await put(join(dist, HELPER), helper.text);
    if (cli) {
      const bundle = await step('build: bundling the CLI', () => bundleCli(root));
      await putCli(dist, bundle.files);
      await put(
        join(dist, 'THIRD-PARTY-NOTICES.txt'),
        await notices(root, [bundle.metafile, helper.metafile]),
      );
    }
    await makeExes(exes, helper.text, {root, dist, work});
    await putKoffi(exes, {dist, work});
    await put(join(dist, SUMS), await sums(dist));
  });
}

/** The first file last: whoever starts it in between finds all that it names, the old chunks or the new. */
async function putCli(dist: string, files: ReadonlyMap<string, string>): Promise<void> {
  const folder = join(dist, CHUNKS);
  await mkdir(folder, {recursive: true});
  const chunks = [...files].filter(([name]) => name !== CLI);
  for (const [name, text] of chunks) await put(join(dist, name), text);
  await put(join(dist, CLI), files.get(CLI) ?? '', EXECUTABLE);
  const current = new Set(chunks.map(([name]) => basename(name)));
  for (const name of await readdir(folder))
    if (!current.has(name)) await rm(join(folder, name), {force: true});
}

async function makeExes(
  exes: readonly Arch[],
  script: string,
  {root, dist, work}: {root: string; dist: string; work: string},
): Promise<void> {
  const version: string = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version;
  const common = [script, version, await recipe(root)];
  const wanted = exes.map(arch => ({
    arch,
    name: EXE_NAMES[arch],
    inputs: sha256(JSON.stringify([...common, nodeExeIdentity(arch)])),
  }));
  const current = await Promise.all(wanted.map(({name, inputs}) => isCurrent(dist, name, inputs)));
  const due = wanted.filter((_, i) => !current[i]);
  if (due.length === 0) {
    return;
  }
  const ingredients: Ingredients[] = [];
  for (const {arch, name} of due) {
    ingredients.push({
      arch,
      archive: await nodeArchive(arch, work),
      script,
      identity: identity(name, version),
    });
  }
  const made = await step(`build: making ${due.map(({name}) => name).join(' and ')}`, () =>
    Promise.all(ingredients.map(of => makeExe(of, work))),
  );
  for (const [i, {name, inputs}] of due.entries()) {
    await place(made[i] ?? '', {dist, name, inputs});
  }
}

async function putKoffi(arches: readonly Arch[], {dist, work}: {dist: string; work: string}): Promise<void> {
  for (const arch of arches) {
    const name = KOFFI_NAMES[arch];
    const inputs = sha256(koffiIdentity(arch));
    if (!(await isCurrent(dist, name, inputs))) {
      await place(await koffiFile(arch, work), {dist, name, inputs});
    }
  }
}

/** Moves a finished file into `dist` and remembers what it was made from. */
async function place(
  path: string,
  {dist, name, inputs}: {dist: string; name: string; inputs: string},
): Promise<void> {
  const digest = sha256(await readFile(path));
  await chmod(path, EXECUTABLE);
  await rename(path, join(dist, name));
  await remember(dist, {[name]: {inputs, sha256: digest}});
}

function identity(originalFilename: string, version: string): Identity {
  return {
    version,
    originalFilename,
    description: 'wslagent helper: connects WSL to the agents that run on Windows',
    copyright: `The wslagent authors; MIT license. Contains Node.js ${NODE_VERSION}.`,
  };
}

/** Changes when the way an exe is made changes: our own steps, or a tool's version. */
async function recipe(root: string): Promise<string> {
  const own = import.meta.dirname;
  const sources = (await readdir(own)).filter(name => name.endsWith('.ts')).sort();
  const texts = [...sources.map(name => join(own, name)), join(root, 'package-lock.json')];
  return sha256((await Promise.all(texts.map(path => readFile(path, 'utf8')))).join('\0'));
}

/** In the form that `sha256sum --check` reads. */
async function sums(dist: string): Promise<string> {
  const chunks = await readdir(join(dist, CHUNKS)).catch(() => []);
  const names = [CLI, ...chunks.sort().map(name => `${CHUNKS}/${name}`), ...PRODUCTS];
  const lines = names.map(async name => {
    const digest = await fileSha256(join(dist, name));
    return digest === undefined ? '' : `${digest}  ${name}\n`;
  });
  return (await Promise.all(lines)).join('');
}
