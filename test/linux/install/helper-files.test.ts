import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {libraryBeside} from '../../../linux/helper-command.ts';
import {faultyFiles} from '../../../linux/install/helper-files.ts';
import type {Entry} from '../../../linux/install/item.ts';
import {sha256} from '../../../linux/install/plan-items.ts';
import type {InstallRecord} from '../../../linux/install/record.ts';
import {VERSION} from '../../../shared/version.ts';

/** An exe and its library in their place, and the record of both. */
function installed(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'helper-files-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const exe = join(folder, 'wslagent-helper.exe');
  const library = libraryBeside(exe);
  const entries = [library, exe].map((path): Entry => {
    writeFileSync(path, basename(path));
    return {kind: 'exe', owner: 'helper', path, sha256: sha256(basename(path))};
  });
  const record: InstallRecord = {
    schema: 1,
    version: VERSION,
    mode: 'daemon',
    endpoints: [],
    program: [],
    helper: [exe],
    entries,
  };
  return {record, exe, library};
}

test('the library lies in the exe’s folder, under the name that the exe looks for', t => {
  const name = {x64: 'koffi-x64.node', arm64: 'koffi-arm64.node'}[process.arch as 'x64' | 'arm64'];
  t.is(libraryBeside('/mnt/c/a b/wslagent-helper.exe'), `/mnt/c/a b/${name}`);
});

test('files that are as they were installed', async t => {
  t.deepEqual(await faultyFiles(installed(t).record), []);
});

test('what is missing or changed is named, whichever it is', async t => {
  const {record, exe, library} = installed(t);
  writeFileSync(library, 'other');
  t.deepEqual(await faultyFiles(record), [library]);
  rmSync(exe);
  t.deepEqual((await faultyFiles(record)).sort(), [exe, library].sort());
});

test('a record from before there was a library: it is missed once the version has one', async t => {
  const {record, library} = installed(t);
  const entries = record.entries.filter(entry => !('path' in entry) || entry.path !== library);
  t.deepEqual(await faultyFiles({...record, entries}), []);
  rmSync(library);
  t.deepEqual(await faultyFiles({...record, entries}), [library]);
  t.deepEqual(await faultyFiles({...record, entries, version: '0.0.1'}), []);
});

test('files of another version, and of a helper that the person chose, are not asked for', async t => {
  const {record, exe, library} = installed(t);
  const old: Entry = {kind: 'exe', owner: 'helper', path: '/old/wslagent-helper.exe', sha256: sha256('')};
  t.deepEqual(await faultyFiles({...record, entries: [old, ...record.entries]}), []);
  rmSync(library);
  t.deepEqual(await faultyFiles({...record, entries: []}), []);
  rmSync(exe);
  t.deepEqual(await faultyFiles({...record, entries: []}), [exe]);
});
