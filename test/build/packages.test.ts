import {access, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {ensurePackages} from '../../.ci/packages.ts';

const {PATH = ''} = process.env;
const NEEDS = {
  drawing: [
    {name: 'crayons', has: 'wslagent-test-crayon'},
    {name: 'base-files', has: '/etc/os-release'},
  ],
  reading: [{name: 'base-files', has: '/etc/os-release'}],
};

/** An apt-get that notes what it is told and, when told to install, does `install`; and a person with this id. */
async function prepare(t: ExecutionContext, uid: number, install: string) {
  const bin = await mkdtemp(join(tmpdir(), 'wslagent-packages-'));
  t.teardown(() => rm(bin, {recursive: true}));
  const script = `#!/bin/sh\necho "$*" >> '${bin}/told'\ncase "$*" in *install*) ${install};; esac\n`;
  await writeFile(join(bin, 'apt-get'), script, {mode: 0o755});
  process.env.PATH = [bin, PATH].join(delimiter);
  process.getuid = () => uid;
  return bin;
}

test.serial('root gets what is missing, and no more, through apt-get', async t => {
  const bin = await prepare(t, 0, 'touch "$(dirname "$0")/wslagent-test-crayon"');
  t.deepEqual([...(await ensurePackages(NEEDS))], []);
  const told = await readFile(join(bin, 'told'), 'utf8');
  t.regex(told, / update\n.* install .* crayons\n$/);
  t.notRegex(told, /base-files/);
});

test.serial('what apt-get cannot bring is named with what needs it', async t => {
  await prepare(t, 0, 'exit 1');
  t.deepEqual([...(await ensurePackages(NEEDS))], [['drawing', 'not installed: apt-get install crayons']]);
});

test.serial('an ordinary user is told the command, and nothing is run', async t => {
  const bin = await prepare(t, 1000, 'true');
  t.deepEqual(
    [...(await ensurePackages(NEEDS))],
    [['drawing', 'not installed: sudo apt-get install crayons']],
  );
  await t.throwsAsync(access(join(bin, 'told')), {code: 'ENOENT'});
});
