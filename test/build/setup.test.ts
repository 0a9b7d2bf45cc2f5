import {access, cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';

const ROOT = join(import.meta.dirname, '../..');
const LOCK = {packages: {'': {}, 'node_modules/a': {version: '1.0.0', integrity: 'sha512-a'}}};
const ELSEWHERE = {'node_modules/for-windows': {version: '1.0.0', optional: true}};

/** A clone whose lock file and list of what is installed are these, and an npm that notes its call and does `ci`. */
async function prepare(t: ExecutionContext, lock: object, installed: object | undefined, ci: string) {
  const root = await mkdtemp(join(tmpdir(), 'wslagent-setup-'));
  t.teardown(() => rm(root, {recursive: true}));
  const modules = join(root, 'node_modules');
  await Promise.all(
    ['.ci', 'bin', 'node_modules/.bin'].map(dir => mkdir(join(root, dir), {recursive: true})),
  );
  await cp(join(ROOT, '.ci/setup.mjs'), join(root, '.ci/setup.mjs'));
  await cp(join(ROOT, 'package.json'), join(root, 'package.json'));
  await symlink(process.execPath, join(modules, '.bin/node'));
  await writeFile(join(root, 'package-lock.json'), JSON.stringify(lock));
  if (installed !== undefined) {
    await writeFile(join(modules, '.package-lock.json'), JSON.stringify(installed));
  }
  await writeFile(join(root, 'bin/npm'), `#!/bin/sh\necho "$*" > '${root}/told'\n${ci}\n`, {mode: 0o755});
  await writeFile(
    join(root, '.ci/go.mjs'),
    "import {runPinned} from './setup.mjs';\n" +
      "process.exitCode = await runPinned('.ci/then.mjs', process.argv.slice(2));",
  );
  await writeFile(
    join(root, '.ci/then.mjs'),
    "console.log(process.env.PATH.split(':')[0], process.argv.slice(2).join());\nprocess.exitCode = 7;",
  );
  const go = () =>
    execa(process.execPath, [join(root, '.ci/go.mjs'), 'x', '--y'], {
      env: {PATH: [join(root, 'bin'), process.env.PATH].join(delimiter), npm_execpath: undefined},
      reject: false,
      stdin: 'ignore',
    });
  return {root, go, told: join(root, 'told')};
}

test('what is installed is left alone, however young the lock file is', async t => {
  const lock = {packages: {...LOCK.packages, ...ELSEWHERE}};
  const {root, go, told} = await prepare(t, lock, LOCK, 'exit 1');
  const later = Date.now() / 1000 + 60;
  await utimes(join(root, 'package-lock.json'), later, later);
  const {stdout, stderr, exitCode} = await go();
  t.is(stderr, '');
  t.is(stdout, `${join(root, 'node_modules/.bin')} x,--y`);
  t.is(exitCode, 7);
  await t.throwsAsync(access(told), {code: 'ENOENT'});
});

for (const [title, installed] of [
  ['nothing is', undefined],
  ['another version is', {packages: {'node_modules/a': {version: '1.0.1', integrity: 'sha512-a'}}}],
  ['other bytes are', {packages: {'node_modules/a': {version: '1.0.0', integrity: 'sha512-b'}}}],
] as const) {
  test(`npm ci runs when ${title} installed, and the script after it`, async t => {
    const {go, told} = await prepare(t, LOCK, installed, 'echo noise; echo more noise >&2');
    const {stderr, exitCode} = await go();
    t.regex(await readFile(told, 'utf8'), /^ci .*--ignore-scripts/);
    t.regex(stderr, /^setup: installing [^\n]* … \d+\.\d s$/);
    t.is(exitCode, 7);
  });
}

test('when npm ci fails, what it said is shown and nothing runs', async t => {
  const {go} = await prepare(t, LOCK, undefined, 'echo no route to the registry >&2; exit 1');
  const {stdout, stderr, exitCode} = await go();
  t.is(stdout, '');
  t.regex(stderr, /failed\nsetup: error: npm ci failed\nno route to the registry\n\nsetup: hint: npm ci$/);
  t.is(exitCode, 1);
});
