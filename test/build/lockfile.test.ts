import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';

interface Package {
  version?: string;
  resolved?: string;
  integrity?: string;
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

test('every package is pinned by its sum', async t => {
  const loose = Object.entries(await packages()).flatMap(([folder, {integrity}]) =>
    folder === '' || /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ? [] : folder,
  );
  t.deepEqual(loose, []);
});
