import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {runHelper} from '../../linux/run-helper.ts';

const folder = mkdtempSync(join(tmpdir(), 'wslagent-run-helper-'));
test.after.always(() => rmSync(folder, {recursive: true}));

/** A helper that notes each start and then does as the script says. */
function helper(name: string, script: string): {run: () => Promise<string>; starts: () => number} {
  const notes = join(folder, name);
  const command = `${notes}.sh`;
  writeFileSync(command, `#!/bin/sh\necho started >> ${notes}\n${script.replaceAll('NOTES', notes)}\n`, {
    mode: 0o755,
  });
  return {
    run: () => runHelper({command, args: [], cwd: undefined}, ['--version']),
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
