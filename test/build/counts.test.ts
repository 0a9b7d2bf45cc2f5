import {mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {countResults} from '../../.ci/test/counts.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What the ava that is installed prints for a project with these test files. */
async function run(t: ExecutionContext, files: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), 'wslagent-counts-'));
  t.teardown(() => rm(dir, {recursive: true}));
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  await writeFile(join(dir, 'package.json'), '{"type": "module", "ava": {"files": ["*.js"]}}');
  for (const [name, body] of Object.entries(files)) {
    await writeFile(join(dir, name), `import test from 'ava';\n${body}`);
  }
  const ava = join(ROOT, 'node_modules/.bin/ava');
  const {stdout, exitCode} = await execa(process.execPath, [ava, '--timeout=15s', '--no-color'], {
    cwd: dir,
    reject: false,
    stdin: 'ignore',
    // ava reads from these that it runs inside itself, or in CI, and would say other things.
    env: {NODE_ENV: undefined, CI: undefined, AVA_FORCE_CI: undefined},
  });
  const {passed, failures} = countResults(stdout.split('\n'));
  return {counts: {passed, failed: failures.length}, exitCode};
}

const PASSES = "test('passes', t => { t.log('✘ a log'); t.is(1, 1); });\n";
const FAILS = "test('fails', t => t.is('  ✔ one', '  ✘ other'));\n";

test('results are counted over all files', async t => {
  t.deepEqual(await run(t, {'a.js': PASSES + FAILS, 'b.js': PASSES}), {
    counts: {passed: 2, failed: 1},
    exitCode: 1,
  });
  t.deepEqual(await run(t, {'a.js': PASSES}), {counts: {passed: 1, failed: 0}, exitCode: 0});
});

test('whatever else goes wrong with a file counts as failed', async t => {
  const {counts, exitCode} = await run(t, {
    'throws.js': 'throw new Error();',
    'empty.js': '',
    'exits.js': "test('exits', () => process.exit(0));",
    'hook.js': "test.before(() => { throw new Error(); });\ntest('waits', t => t.is(1, 1));",
    'leaks.js': `${PASSES}test('leaks', t => { Promise.reject(new Error()); t.is(1, 1); });`,
  });
  t.is(counts.passed, 2);
  t.true(counts.failed >= 5);
  t.is(exitCode, 1);
});

test('a test that never ends counts as failed', async t => {
  const hangs = "test('hangs', () => new Promise(() => { setInterval(() => {}, 1000); }));";
  t.deepEqual(await run(t, {'a.js': PASSES + hangs}), {counts: {passed: 1, failed: 1}, exitCode: 1});
});
