import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {runHelper} from '../../linux/run-helper.ts';
import {isRunning} from '../is-running.ts';

const folder = mkdtempSync(join(tmpdir(), 'wslagent-run-helper-'));
test.after.always(() => rmSync(folder, {recursive: true}));

/** A helper that notes each start and then does as the script says. */
function helper(
  name: string,
  script: string,
): {
  run: (deadline?: number) => Promise<string>;
  starts: () => number;
} {
  const notes = join(folder, name);
  const command = `${notes}.sh`;
  writeFileSync(command, `#!/bin/sh\necho started >> ${notes}\n${script.replaceAll('NOTES', notes)}\n`, {
    mode: 0o755,
  });
  return {
    run: deadline => runHelper({command, args: [], cwd: undefined}, ['--version'], deadline),
    starts: () => readFileSync(notes, 'utf8').split('\n').length - 1,
  };
}

test('a start that ends before the helper has spoken is repeated once', async t => {
  for (const [name, end] of [
    ['wordless', 'exit 1'],
    ['foreign', 'echo loader: out of memory >&2; exit 134'],
    ['killed', 'kill -SEGV $$'],
    ['empty', 'exit 0'],
  ] as const) {
    const {run, starts} = helper(name, `[ $(wc -l < NOTES) -gt 1 ] || { ${end}; }; echo answer`);
    t.is(await run(), 'answer', name);
    t.is(starts(), 2, name);
  }
  const never = helper('never', 'exit 1');
  await t.throwsAsync(never.run, {message: /exit code 1/});
  t.is(never.starts(), 2);
});

test('a helper that says why it failed is asked once', async t => {
  const {run, starts} = helper('said', 'echo wslagent-helper: error: no disk >&2; exit 1');
  await t.throwsAsync(run, {message: /no disk/});
  t.is(starts(), 1);
});

test('a helper that does nothing is given up, and nothing is left of it', async t => {
  const {run, starts} = helper('stopped', 'echo $$ > NOTES.pid; kill -STOP $$');
  await t.throwsAsync(() => run(1000), {message: /took longer than 1 s$/});
  t.is(starts(), 1);
  t.false(isRunning(Number(readFileSync(join(folder, 'stopped.pid'), 'utf8'))));
});

for (const [title, end] of [
  ['has answered', 'exit 0'],
  ['does nothing', 'kill -STOP $$'],
] as const)
  test(`what a helper has started and left behind, with its output, holds nobody up: one that ${title}`, async t => {
    const {run} = helper(`leaves-${end[0]}`, `sleep 45 & echo $! > NOTES.pid; echo answer; ${end}`);
    const started = performance.now();
    if (end === 'exit 0') t.is(await run(20_000), 'answer');
    else await t.throwsAsync(() => run(1000), {message: /took longer than 1 s$/});
    t.true(performance.now() - started < 30_000);
    process.kill(Number(readFileSync(join(folder, `leaves-${end[0]}.pid`), 'utf8')));
  });
