import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {NEEDS, type Need, statedNeeds} from '../../.ci/test/needs.ts';
import {select} from '../../.ci/test/select.ts';

/** Files with these contents, each by its own name. */
async function files(t: ExecutionContext, contents: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), 'wslagent-needs-'));
  t.teardown(() => rm(dir, {recursive: true}));
  const paths = Object.keys(contents).map(name => join(dir, name));
  await Promise.all(Object.values(contents).map((text, i) => writeFile(paths[i] ?? '', text)));
  return paths;
}

test('a file needs the twin and what its line names, without a line everything', async t => {
  const paths = await files(t, {
    a: "// needs: pageant, sshd\nimport test from 'ava';\n",
    b: "import test from 'ava';\n",
  });
  t.deepEqual(
    [...(await statedNeeds(paths)).values()],
    [
      ['wine', 'pageant', 'sshd'],
      ['wine', ...NEEDS],
    ],
  );
});

test('a need that nobody knows is refused with the name of the file', async t => {
  const paths = await files(t, {'typo.test.ts': '// needs: paegant\n'});
  await t.throwsAsync(statedNeeds(paths), {message: /typo\.test\.ts needs "paegant"; known are wine, /});
});

test('the files of the twin say what they need in words that are known', async t => {
  const twin = join(import.meta.dirname, '../twin');
  const names = await readdir(twin, {recursive: true});
  const paths = names.filter(name => name.endsWith('.test.ts')).map(name => join(twin, name));
  t.is((await statedNeeds(paths)).size, paths.length);
  t.true(paths.length > 0);
});

test('what cannot run here is left out by name, with the reason told once', t => {
  const stated = new Map<string, Need[]>([
    ['a', ['wine', 'ssh']],
    ['b', ['wine', 'ssh', 'gnupg']],
    ['c', ['wine', 'gnupg']],
  ]);
  t.deepEqual(select(stated, new Map([['gnupg', 'no compiler']])), {
    run: ['a'],
    leftOut: ['b, c: gnupg cannot be had here (no compiler)'],
  });
});
