import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {runAva} from '../../.ci/test/ava.ts';

const {PATH = ''} = process.env;

/** Puts a program that does `script` in ava's place. */
async function standIn(t: ExecutionContext, script: string) {
  const bin = await mkdtemp(join(tmpdir(), 'wslagent-ava-'));
  t.teardown(() => rm(bin, {recursive: true}));
  await writeFile(join(bin, 'ava'), `#!/bin/sh\n${script}\n`, {mode: 0o755});
  process.env.PATH = [bin, PATH].join(delimiter);
  return bin;
}

test.serial('a run is counted, and its end believed only when it fits', async t => {
  await standIn(t, "echo '  ✔ a'; echo '  ✔ b'; echo '  ✘ [fail]: c'; exit 1");
  t.deepEqual(await runAva(['x.test.ts']), {passed: 2, failed: 1});
  await standIn(t, "echo '  ✔ a'; exit 1");
  t.deepEqual(await runAva(['x.test.ts']), {passed: 1, failed: 1});
  await standIn(t, 'exit 0');
  t.deepEqual(await runAva(['x.test.ts']), {passed: 0, failed: 1});
});

test.serial('a run that falls silent is ended, also when something holds its output open', async t => {
  const bin = await standIn(t, 'sleep 600 & echo $! > "$(dirname "$0")/child"; echo "  ✔ a"; wait');
  t.deepEqual(await runAva(['x.test.ts'], {silenceMs: 3000}), {passed: 1, failed: 1});
  process.kill(Number(await readFile(join(bin, 'child'), 'utf8')));
});
