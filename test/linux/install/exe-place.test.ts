import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {UserError} from '../../../linux/errors.ts';
import {copyExe, removeExe} from '../../../linux/install/exe-place.ts';
import {sha256} from '../../../linux/install/plan-items.ts';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'exe-'));
  t.teardown(() => rmSync(path, {recursive: true}));
  return path;
}

test('an exe takes its place whole and can be started; nothing is left beside it', async t => {
  const place = folder(t);
  const [source, path] = [join(folder(t), 'source.exe'), join(place, 'helper.exe')];
  writeFileSync(source, 'MZ new', {mode: 0o600});
  writeFileSync(path, 'MZ old');
  await copyExe({path, source, sha256: sha256('MZ new')});
  t.is(readFileSync(path, 'utf8'), 'MZ new');
  t.is(statSync(path).mode & 0o777, 0o755);
  t.deepEqual(readdirSync(place), ['helper.exe']);
});

test('a copy that is not what was copied does not take the place', async t => {
  const place = folder(t);
  const [source, path] = [join(folder(t), 'source.exe'), join(place, 'helper.exe')];
  writeFileSync(source, 'MZ new');
  writeFileSync(path, 'MZ old');
  await t.throwsAsync(copyExe({path, source, sha256: sha256('MZ other')}), {instanceOf: UserError});
  t.is(readFileSync(path, 'utf8'), 'MZ old');
  t.deepEqual(readdirSync(place), ['helper.exe']);
});

test('an exe is removed with what was moved aside, unless Windows holds it', async t => {
  const place = folder(t);
  const path = join(place, 'helper.exe');
  for (const name of [path, `${path}.old`]) writeFileSync(name, '');
  t.true(await removeExe(path));
  t.deepEqual(readdirSync(place), []);
  t.true(await removeExe(path));
  // a folder is as little removed as a program that runs
  mkdirSync(path);
  t.false(await removeExe(path, 0));
  t.true(existsSync(path));
});
