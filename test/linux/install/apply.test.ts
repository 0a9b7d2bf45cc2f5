import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {applyChanges, ChangedMeanwhile} from '../../../linux/install/apply.ts';
import type {Change} from '../../../linux/install/change.ts';
import type {Item} from '../../../linux/install/item.ts';
import {look} from '../../../linux/install/look.ts';
import {planItems} from '../../../linux/install/plan-items.ts';
import {planTakeBack} from '../../../linux/install/plan-take-back.ts';
import {type InstallRecord, readRecord, recordFile, writeRecord} from '../../../linux/install/record.ts';
import {VERSION} from '../../../shared/version.ts';

const EMPTY: InstallRecord = {
  schema: 1,
  version: VERSION,
  mode: 'daemon',
  endpoints: [],
  program: [],
  helper: ['/helper.exe'],
  entries: [],
};
const QUIET = {say() {}, warn() {}, offline: true, goOn: false};

/** A home with a profile that is a link into a collection, and a record. */
function home(t: ExecutionContext): {folder: string; profile: string; real: string} {
  const folder = mkdtempSync(join(tmpdir(), 'apply-'));
  const [home, state] = [process.env.HOME, process.env.XDG_STATE_HOME];
  process.env.HOME = folder;
  delete process.env.XDG_STATE_HOME;
  t.teardown(() => {
    process.env.HOME = home;
    if (state !== undefined) process.env.XDG_STATE_HOME = state;
    rmSync(folder, {recursive: true});
  });
  mkdirSync(join(recordFile(), '..'), {recursive: true});
  writeRecord(EMPTY);
  const real = join(folder, 'dotfiles');
  writeFileSync(real, 'x=1\n', {mode: 0o640});
  const profile = join(folder, '.profile');
  symlinkSync('dotfiles', profile);
  return {folder, profile, real};
}

const lines = (path: string): Item => ({
  kind: 'lines',
  owner: 'environment',
  path,
  mode: 0o644,
  lines: '# ours\n',
  about: '',
});

async function plan(items: Item[], record = EMPTY): Promise<Change[]> {
  return planItems(items, record.entries, await look(items, [], new Map()), false).changes;
}

test.serial(
  'lines go into the file that a link leads to; mode and link stay, nothing is left beside it',
  async t => {
    const {folder, profile, real} = home(t);
    await applyChanges(await plan([lines(profile)]), EMPTY, QUIET);
    t.is(readFileSync(real, 'utf8'), 'x=1\n# ours\n');
    t.is(statSync(real).mode & 0o777, 0o640);
    t.true(lstatSync(profile).isSymbolicLink());
    t.deepEqual(readdirSync(folder).sort(), ['.local', '.profile', 'dotfiles']);
    t.deepEqual(
      readRecord()?.entries.map(({pending}) => pending),
      [undefined],
    );
  },
);

const meanwhile: Record<string, (paths: {folder: string; profile: string; real: string}) => void> = {
  'is edited': ({real}) => writeFileSync(real, 'x=1\ny=2\n'),
  'is edited to the same length': ({real}) => writeFileSync(real, 'x=2\n'),
  'gets another mode': ({real}) => chmodSync(real, 0o600),
  'is a link to another file': ({folder, profile}) => {
    writeFileSync(join(folder, 'other'), 'x=1\n', {mode: 0o640});
    chmodSync(join(folder, 'other'), 0o640);
    rmSync(profile);
    symlinkSync('other', profile);
  },
  'is gone': ({real}) => rmSync(real),
};

for (const [what, edit] of Object.entries(meanwhile))
  test.serial(`a file that ${what} between the look and the write is left as it is`, async t => {
    const paths = home(t);
    const changes = await plan([lines(paths.profile)]);
    edit(paths);
    const before = existsSync(paths.profile) ? readFileSync(paths.profile, 'utf8') : undefined;
    const error = await t.throwsAsync(applyChanges(changes, EMPTY, QUIET), {instanceOf: ChangedMeanwhile});
    t.is((error as ChangedMeanwhile).path, paths.profile);
    t.is(existsSync(paths.profile) ? readFileSync(paths.profile, 'utf8') : undefined, before);
    t.false(readdirSync(paths.folder).some(name => name.endsWith('.wslagent-tmp')));
    // what was to be done is written down, so that an uninstall finds it
    t.is(readRecord()?.entries[0]?.pending, true);
  });

test.serial('a file that appears where none was is not replaced', async t => {
  const {folder} = home(t);
  const path = join(folder, 'unit');
  const changes = await plan([{kind: 'file', owner: 'relay', path, mode: 0o644, content: 'ours\n'}]);
  writeFileSync(path, 'theirs\n');
  await t.throwsAsync(applyChanges(changes, EMPTY, QUIET), {instanceOf: ChangedMeanwhile});
  t.is(readFileSync(path, 'utf8'), 'theirs\n');
});

test.serial('a file that is edited before it is removed stays', async t => {
  const {folder} = home(t);
  const path = join(folder, 'unit');
  const items: Item[] = [{kind: 'file', owner: 'relay', path, mode: 0o644, content: 'ours\n'}];
  const {record} = await applyChanges(await plan(items), EMPTY, QUIET);
  const {changes} = planTakeBack(record.entries, await look(items, [], new Map()));
  writeFileSync(path, 'theirs\n');
  await t.throwsAsync(applyChanges(changes, record, {...QUIET, goOn: true}), {instanceOf: ChangedMeanwhile});
  t.is(readFileSync(path, 'utf8'), 'theirs\n');
});
