// needs: systemd, pageant, ssh, gpg
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {mkdir, mkdtemp, readdir} from 'node:fs/promises';
import {basename, join} from 'node:path';
import test from 'ava';
import {builtExe, DIST, libraryBeside} from '../../../linux/helper-command.ts';
import {sha256} from '../../../linux/install/plan-items.ts';
import type {Status} from '../../../linux/install/status.ts';
import {VERSION} from '../../../shared/version.ts';
import {changes, loginShell, status, twin, unit, useInstallBed, wslagent} from './install-bed.ts';

useInstallBed(test);

test.serial('another version, in a folder with an odd name, takes over; the old exe goes', async t => {
  t.timeout(120_000);
  const next = VERSION.replace(/\d$/, '9');
  const root = await buildOf(next, `it's odd 100% $HOME`);
  const newer = (args: string[]) => twin.run('node', [join(root, 'dist/wslagent.mjs'), ...args]);
  await wslagent(['install', 'ssh', '--now']);
  await loginShell('ssh-add -l');
  const outdated = await newer(['status']);
  t.is(outdated.exitCode, 1);
  t.true(outdated.stdout.includes(`version ${VERSION} is installed, and this is ${next}`));

  const place = join(twin.localAppData.linux, 'wslagent');
  t.is((await newer(['install'])).exitCode, 0);
  t.deepEqual((await readdir(place)).sort(), [VERSION, next], 'what runs still needs the old one');
  const {exitCode, stderr} = await newer(['install', '--now']);
  t.is(stderr, '');
  t.is(exitCode, 0);
  t.deepEqual(await readdir(place), [next]);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  const now: Status = JSON.parse((await newer(['status', '--json'])).stdout);
  t.deepEqual([now.state, now.version, now.problems], ['ok', next, []]);
  t.is((await loginShell('PATH=$HOME/.local/bin:$PATH wslagent --version')).stdout, `wslagent ${next}\n`);

  await newer(['install', '--mode', 'direct', '--now']);
  t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/);
  const units = (await readdir(unit(''))).filter(name => name.startsWith('wslagent')).map(unit);
  t.is((await twin.run('systemd-analyze', ['--user', 'verify', ...units])).stderr, '');
  t.is((await newer(['uninstall'])).exitCode, 0);
  rmSync(root, {recursive: true});
  t.deepEqual(await changes(), []);
});

test.serial('another helper is started by its command, wherever it is', async t => {
  const odd = join(twin.runtimeDir, '..', `it's odd 100% $HOME`);
  await mkdir(odd);
  const helper = join(odd, 'helper.exe');
  copyFileSync(builtExe(), helper);
  copyFileSync(libraryBeside(builtExe()), libraryBeside(helper));
  for (const mode of ['daemon', 'direct']) {
    const {exitCode, stderr} = await wslagent(['install', 'ssh', '--mode', mode, '--now'], {
      env: {WSLAGENT_HELPER: helper},
    });
    t.is(stderr, '');
    t.is(exitCode, 0);
    t.deepEqual((await status()).helper, {command: [helper], whole: true, faulty: []});
    t.regex((await loginShell('ssh-add -l')).stdout, /the key \(ED25519\)/, mode);
  }
  t.false(existsSync(join(twin.localAppData.linux, 'wslagent')));
  await wslagent(['uninstall']);
  t.deepEqual(await changes(), []);
  t.true(existsSync(helper));
  rmSync(odd, {recursive: true});
});

/** A copy of the build that says it is of another version; both bundles hold theirs as text. */
async function buildOf(version: string, name: string): Promise<string> {
  const root = join(await mkdtemp(join(twin.runtimeDir, '..', 'build-')), name);
  await mkdir(join(root, 'dist'), {recursive: true});
  symlinkSync(join(DIST, '../systemd'), join(root, 'systemd'));
  const library = basename(libraryBeside(builtExe()));
  const chunks = readdirSync(join(DIST, 'wslagent')).map(name => join('wslagent', name));
  await mkdir(join(root, 'dist/wslagent'));
  for (const file of ['wslagent.mjs', ...chunks, basename(builtExe()), library]) {
    const bytes = readFileSync(join(DIST, file));
    if (bytes.includes('VERSION = "'))
      bytes.write(`VERSION = "${version}"`, bytes.indexOf(`VERSION = "${VERSION}"`));
    writeFileSync(join(root, 'dist', file), bytes, {mode: 0o755});
    appendFileSync(join(root, 'dist/SHA256SUMS'), `${sha256(bytes)}  ${file}\n`);
  }
  return root;
}
