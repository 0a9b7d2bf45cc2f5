// needs: systemd
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {DIST, libraryBeside} from '../../../linux/helper-command.ts';
import type {Status} from '../../../linux/install/status.ts';
import {VERSION} from '../../../shared/version.ts';
import {askOnce} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, echo} from './told-requests.ts';
import {difference, userState} from './user-state.ts';

const BODY = Buffer.from('through the library');

let bed: ToldBed;
let before: string[];
let library: string;

const wslagent = (...args: string[]) => bed.twin.run('node', [join(DIST, 'wslagent.mjs'), ...args]);
const status = async (): Promise<Status> => JSON.parse((await wslagent('status', '--json')).stdout);
const changes = async (since: string[]) => difference(since, await userState(bed.twin));
/** A helper connects to a pipe only with its library. */
const isServed = async () =>
  (await askOnce(join(bed.twin.runtimeDir, 'wslagent/ssh.sock'), echo(BODY))).equals(answer(BODY));

test.before(async t => {
  t.timeout(180_000);
  bed = await startToldBed({systemd: true});
  const {home, localAppData} = bed.twin;
  mkdirSync(join(home, '.config/wslagent'), {recursive: true});
  writeFileSync(
    join(home, '.config/wslagent/config.toml'),
    `[endpoints.ssh]\ntargets = ["any-owner:${bed.target}"]\n`,
  );
  library = libraryBeside(join(localAppData.linux, 'wslagent', VERSION, 'wslagent-helper.exe'));
  before = await userState(bed.twin);
});

test.after.always(async () => {
  await bed?.stop();
});

/** Takes the installation back, of which nothing may be left. */
async function leavesNothing(t: ExecutionContext): Promise<void> {
  t.is((await wslagent('uninstall')).exitCode, 0);
  t.deepEqual(await changes(before), []);
}

test.serial('the library alone, damaged while a helper runs from it, is put right', async t => {
  t.is((await wslagent('install', 'ssh', '--now')).exitCode, 0);
  const genuine = readFileSync(library);
  t.true(await isServed());
  // another file of that name: the one that is loaded stays as it is
  rmSync(library);
  writeFileSync(library, 'MZ');
  const sick = await status();
  t.deepEqual(sick.helper?.faulty, [library]);
  t.deepEqual(sick.problems, [
    {
      what: `the helper's library ${library} is not the one that was installed`,
      hint: 'wslagent install --now',
      type: ['wslagent install --now'],
    },
  ]);

  const would = await wslagent('install', '--now', '--dry-run');
  t.true(would.stdout.includes(`would copy the helper's library to ${library}\n`), would.stdout);
  const did = await wslagent('install', '--now');
  t.is(did.exitCode, 0);
  t.true(did.stdout.includes(`copied the helper's library to ${library}\n`), did.stdout);
  t.false(did.stdout.includes('copied the helper to'), did.stdout);
  t.true(readFileSync(library).equals(genuine));
  t.true(await isServed());
  await leavesNothing(t);
});

test.serial('an installation from before there was a library gets one, and takes it along', async t => {
  await wslagent('install', 'ssh', '--now');
  const installed = await userState(bed.twin);
  const file = join(bed.twin.home, '.local/state/wslagent/install.json');
  const record = JSON.parse(readFileSync(file, 'utf8'));
  const entries = record.entries.filter(({path}: {path?: string}) => path !== library);
  t.is(entries.length, record.entries.length - 1);
  writeFileSync(file, `${JSON.stringify({...record, entries}, undefined, 2)}\n`);
  rmSync(library);
  t.deepEqual((await status()).problems, [
    {
      what: `the helper's library ${library} is gone`,
      hint: 'wslagent install --now',
      type: ['wslagent install --now'],
    },
  ]);

  t.is((await wslagent('install', '--now')).exitCode, 0);
  t.deepEqual((await status()).problems, []);
  t.deepEqual(
    (await changes(installed)).filter(line => !line.includes(file)),
    [],
  );
  t.true(await isServed());
  t.is((await wslagent('install', '--now')).stdout, 'nothing to change\n');
  await leavesNothing(t);
});
