import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {homedir, tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import test from 'ava';
import {ARCHES} from '../../.ci/build/arch.ts';
import {KOFFI_NAMES, KOFFI_VERSION, koffiFile} from '../../.ci/build/koffi-win.ts';
import {MACHINE, readPe} from '../../.ci/build/pe.ts';
import {sha256} from '../../.ci/build/record.ts';
import pin from '../../.ci/koffi-win.json' with {type: 'json'};

const ROOT = join(import.meta.dirname, '../..');
const {XDG_CACHE_HOME = join(homedir(), '.cache'), PATH = ''} = process.env;

for (const arch of ARCHES) {
  const name = KOFFI_NAMES[arch];

  test(`${name} is a library for ${arch} of the version that is pinned`, async t => {
    const bytes = await readFile(join(ROOT, 'dist', name));
    t.is(readPe(bytes).machine, MACHINE[arch]);
    // koffi answers with this text when it is asked for its version
    t.true(bytes.includes(`\0${KOFFI_VERSION}\0`));
  });
}

// The types are of the one and the calls of the other: apart they would be wrong without a word.
test('koffi’s types, its lock entries and its native files are of one version', async t => {
  const {devDependencies} = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const {packages} = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  t.is(devDependencies.koffi, KOFFI_VERSION);
  t.is(packages['node_modules/koffi'].version, KOFFI_VERSION);
  for (const {name, integrity} of ARCHES.map(arch => pin.packages[arch])) {
    t.like(packages[`node_modules/${name}`], {version: KOFFI_VERSION, integrity});
  }
});

test('koffi’s licence is in THIRD-PARTY-NOTICES.txt', async t => {
  const notices = await readFile(join(ROOT, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
  const license = await readFile(join(ROOT, 'node_modules/koffi/LICENSE.txt'), 'utf8');
  t.true(notices.includes(`koffi ${KOFFI_VERSION} (MIT)\n\n${license.trim()}`));
});

test.serial('a harmed package in the cache is fetched anew, under the name that npm gives it', async t => {
  const base = await mkdtemp(join(tmpdir(), 'wslagent-koffi-win-'));
  t.teardown(() => rm(base, {recursive: true}));
  const cache = join(base, 'cache/wslagent/koffi-win');
  const work = join(base, 'work');
  const tarball = `koromix-koffi-win32-x64-${KOFFI_VERSION}.tgz`;
  const genuine = join(XDG_CACHE_HOME, 'wslagent/koffi-win', tarball);
  await Promise.all([mkdir(cache, {recursive: true}), mkdir(work), mkdir(join(base, 'bin'))]);
  await writeFile(join(cache, tarball), 'harmed');
  await writeFile(join(base, 'bin/npm'), `#!/bin/sh\ncd "$4" && cp '${genuine}' .\n`, {mode: 0o755});
  process.env.XDG_CACHE_HOME = join(base, 'cache');
  process.env.PATH = [join(base, 'bin'), PATH].join(delimiter);
  delete process.env.npm_execpath;

  const path = await koffiFile('x64', work);
  t.deepEqual(await readdir(cache), [tarball]);
  t.is(sha256(await readFile(path)), sha256(await readFile(join(ROOT, 'dist', KOFFI_NAMES.x64))));
});
