import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';

interface Package {
  version?: string;
  resolved?: string;
  integrity?: string;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

/** Entries by their folder; the root package has the empty name. */
async function packages(): Promise<Record<string, Package>> {
  const path = join(import.meta.dirname, '../../package-lock.json');
  return JSON.parse(await readFile(path, 'utf8')).packages;
}

test('the lock file holds no download address, so any registry serves', async t => {
  const found = Object.entries(await packages()).filter(([, {resolved}]) => resolved !== undefined);
  t.deepEqual(found, []);
});

// npm leaves out what its registry lacks, and `npm ci` then refuses the file wherever a registry has it or not.
test('the lock file has an entry for every optional package, also for other systems', async t => {
  const all = await packages();
  const absent = Object.entries(all).flatMap(([folder, {optionalDependencies = {}}]) =>
    Object.keys(optionalDependencies).filter(
      name => !(`${folder}/node_modules/${name}` in all) && !(`node_modules/${name}` in all),
    ),
  );
  t.deepEqual(absent, []);
});

test('what Linux with glibc installs is pinned by its sum', async t => {
  const loose = Object.entries(await packages()).filter(
    ([folder, {integrity, os = ['linux'], cpu = ['x64'], libc = ['glibc']}]) =>
      folder !== '' &&
      integrity === undefined &&
      os.includes('linux') &&
      libc.includes('glibc') &&
      ['x64', 'arm64'].some(name => cpu.includes(name)),
  );
  t.deepEqual(loose, []);
});
