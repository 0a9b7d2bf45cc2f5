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
  const {log} = console;
  // the results that it shows are nobody's
  console.log = () => {};
  t.teardown(() => {
    console.log = log;
  });
  return bin;
}

test.serial('a run is counted, and its end believed only when it fits', async t => {
  await standIn(t, "echo '  ✔ a'; echo '  ✔ b'; echo '  ✘ [fail]: c'; exit 1");
  t.deepEqual(await runAva(['x.test.ts']), {passed: 2, failures: ['  ✘ [fail]: c']});
  await standIn(t, "echo '  ✔ a'; exit 1");
  t.deepEqual(await runAva(['x.test.ts']), {
    passed: 1,
    failures: ['  ✘ ava ended with exit code 1 after 1 passed'],
  });
  await standIn(t, 'exit 0');
  t.deepEqual(await runAva(['x.test.ts']), {
    passed: 0,
    failures: ['  ✘ ava ended with exit code 0 after 0 passed'],
  });
});

test.serial('a run that falls silent is ended, also when something holds its output open', async t => {
  const bin = await standIn(t, 'sleep 600 & echo $! > "$(dirname "$0")/child"; echo "  ✔ a"; wait');
  t.deepEqual(await runAva(['x.test.ts'], {silenceMs: 3000}), {
    passed: 1,
    failures: ['  ✘ nothing was heard of ava for 3 s: it was ended'],
  });
  process.kill(Number(await readFile(join(bin, 'child'), 'utf8')));
});
