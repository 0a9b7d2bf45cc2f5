import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {NEEDS, needsOf} from '../../.ci/test/needs.ts';
import {select} from '../../.ci/test/select.ts';

test('a file needs the twin and what its line names', t => {
  t.deepEqual(needsOf("import test from 'ava';\n"), ['wine', ...NEEDS]);
  t.deepEqual(needsOf("// needs: pageant, sshd\nimport test from 'ava';\n"), ['wine', 'pageant', 'sshd']);
  t.throws(() => needsOf('// needs: paegant\n'), {message: /unknown need "paegant"/});
});

test('what cannot run here is left out by name, with the reason told once', async t => {
  const dir = await mkdtemp(join(tmpdir(), 'wslagent-needs-'));
  t.teardown(() => rm(dir, {recursive: true}));
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => join(dir, name)) as [string, string, string, string];
  await writeFile(a, '// needs: ssh\n');
  await writeFile(b, '// needs: ssh, gnupg\n');
  await writeFile(c, '// needs: gnupg\n');
  await writeFile(d, '');
  const unmet = new Map([['gnupg', 'no compiler']] as const);
  t.deepEqual(await select([a, b, c, d], unmet), {
    run: [a],
    leftOut: [`${b}, ${c}, ${d}: gnupg cannot be had here (no compiler)`],
  });
});
