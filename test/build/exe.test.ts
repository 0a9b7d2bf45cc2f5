import {readdir, readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {ARCHES} from '../../.ci/build/arch.ts';
import {EXE_NAMES} from '../../.ci/build/build.ts';
import {KOFFI_NAMES} from '../../.ci/build/koffi-win.ts';
import {CONSOLE_SUBSYSTEM, MACHINE, readPe} from '../../.ci/build/pe.ts';
import {sha256} from '../../.ci/build/record.ts';
import {VERSION} from '../../shared/version.ts';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');

for (const arch of ARCHES) {
  const name = EXE_NAMES[arch];

  test(`${name} is a console program for ${arch} without a broken signature`, async t => {
    const facts = readPe(await readFile(join(DIST, name)));
    t.is(facts.machine, MACHINE[arch]);
    t.is(facts.subsystem, CONSOLE_SUBSYSTEM);
    t.is(facts.certificateBytes, 0);
  });

  test(`${name} tells Explorer what it is, and nothing of Node's own`, async t => {
    const {versions, iconSizes} = readPe(await readFile(join(DIST, name)));
    t.is(versions.length, 1);
    const [{fileVersion, strings} = {fileVersion: [], strings: {}}] = versions;
    t.deepEqual(fileVersion, [...VERSION.split('.').map(Number), 0]);
    t.is(strings.ProductName, 'wslagent');
    t.is(strings.ProductVersion, VERSION);
    t.is(strings.FileVersion, VERSION);
    t.is(strings.OriginalFilename, name);
    t.regex(strings.FileDescription ?? '', /^wslagent helper/);
    t.regex(strings.LegalCopyright ?? '', /wslagent authors/);
    t.deepEqual(iconSizes, [16, 24, 32, 48, 64, 256]);
  });

  test(`${name} carries the helper script, and no path of the machine that built it`, async t => {
    const bytes = await readFile(join(DIST, name));
    const script = await readFile(join(DIST, 'wslagent-helper.cjs'));
    t.true(bytes.includes(script));
    t.false(bytes.includes(ROOT));
  });

  test(`${name} can be started by its name`, async t => {
    t.is((await stat(join(DIST, name))).mode & 0o777, 0o755);
  });
}

test('SHA256SUMS fits every product', async t => {
  const lines = (await readFile(join(DIST, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n');
  const sums = lines.map(line => line.split('  '));
  const perArch = [EXE_NAMES, KOFFI_NAMES].flatMap(names => ARCHES.map(arch => names[arch]));
  const chunks = (await readdir(join(DIST, 'wslagent'))).sort().map(name => `wslagent/${name}`);
  const expected = ['wslagent.mjs', ...chunks, 'wslagent-helper.cjs', ...perArch];
  t.true(chunks.length > 1);
  t.deepEqual(
    sums.map(([, name]) => name),
    expected,
  );
  for (const [digest, name = ''] of sums) {
    t.is(digest, sha256(await readFile(join(DIST, name))), name);
  }
});
