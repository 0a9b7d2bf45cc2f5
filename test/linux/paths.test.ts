import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {UserError} from '../../linux/errors.ts';
import {findRuntimeDir, runtimeDir} from '../../linux/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'wslagent-paths-'));
test.after.always(() => rmSync(folder, {recursive: true}));

/** What XDG_RUNTIME_DIR is after it was looked for, with this folder as the one of a login. */
function found(env: NodeJS.ProcessEnv, own: string): string | undefined {
  findRuntimeDir(env, own);
  return env.XDG_RUNTIME_DIR;
}

test.serial('without XDG_RUNTIME_DIR the folder of a login is taken when it is ours alone', t => {
  chmodSync(folder, 0o700);
  t.is(found({}, folder), folder);
  t.is(found({XDG_RUNTIME_DIR: ''}, folder), folder);
  t.is(found({XDG_RUNTIME_DIR: '/set'}, folder), '/set');
  t.is(found({}, join(folder, 'none')), undefined);
  const file = join(folder, 'file');
  writeFileSync(file, '', {mode: 0o600});
  t.is(found({}, file), undefined);
  chmodSync(folder, 0o750);
  t.is(found({}, folder), undefined);
});

test.serial('no XDG_RUNTIME_DIR, a relative one, or one of another user is one clear error', t => {
  const fails = (value: string | undefined, message: RegExp) => {
    const error = t.throws(() => runtimeDir({XDG_RUNTIME_DIR: value}), {instanceOf: UserError, message});
    t.is(error?.exit, 'failure');
    t.regex(error?.hint ?? '', /systemd=true|export XDG_RUNTIME_DIR=\/run\/user\/\$\(id -u\)$/);
    t.notRegex(error?.hint ?? '', /uninstall/);
  };
  fails(undefined, /^XDG_RUNTIME_DIR is not set/);
  fails('', /^XDG_RUNTIME_DIR is not set/);
  fails('run', /^XDG_RUNTIME_DIR is "run", which is not absolute/);
  const {getuid} = process;
  t.teardown(() => void Object.assign(process, {getuid}));
  process.getuid = () => 12_345;
  fails(folder, /^XDG_RUNTIME_DIR names \S+, which belongs to user \d+, not to you/);
});

test('a slash at the end, as of WSL before 2.7.1, is no part of it', t => {
  t.is(runtimeDir({XDG_RUNTIME_DIR: `${folder}/`}), folder);
});
