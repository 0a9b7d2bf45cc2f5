// needs: ssh
import {existsSync} from 'node:fs';
import {copyFile, mkdtemp, readFile, rm, truncate, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {builtExe, libraryBeside} from '../../../linux/helper-command.ts';
import {exitCode} from '../../../shared/exit-codes.ts';
import {VERSION} from '../../../shared/version.ts';
import {FAILURE} from './agent-messages.ts';
import {type Chain, chainFor, failingRelay} from './chain.ts';
import {askOnce} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, echo} from './told-requests.ts';

const BODY = Buffer.from('still there');
const INTEROP = '/proc/sys/fs/binfmt_misc/WSLInterop';

let bed: ToldBed;

test.before(async t => {
  t.timeout(180_000);
  bed = await startToldBed();
});

test.after.always(async () => {
  await bed?.stop();
});

/** A copy of the exe that a test may damage, with its library. */
async function ownExe(): Promise<string> {
  const exe = path.join(await mkdtemp(path.join(bed.twin.home, 'exe-')), 'wslagent-helper.exe');
  await copyFile(builtExe(), exe);
  await copyFile(libraryBeside(builtExe()), libraryBeside(exe));
  return exe;
}

/** A client asks: it is told of a failure at once, and the journal has one line about it, which is given. */
async function refusal(chain: Chain): Promise<string> {
  const from = chain.lines.length;
  const asked = await askOnce(chain.socket, echo(BODY));
  if (!asked.equals(FAILURE)) throw new Error(`answered with ${asked.toString('hex')}`);
  await chain.line(/ warning: socket#/, from);
  const lines = chain.lines.slice(from).filter(line => /^\S+ (warning|error): /.test(line));
  if (lines.length !== 1) throw new Error(`${lines.length} lines:\n${chain.lines.join('\n')}`);
  return lines[0] ?? '';
}

/** The relay that refused serves as soon as what was wrong is put right. */
async function servesAgain(chain: Chain): Promise<boolean> {
  return (await askOnce(chain.socket, echo(BODY))).equals(answer(BODY));
}

test.serial('no exe when the relay starts: it says so, and leaves nothing on the disk', async t => {
  const [exe, folder] = [path.join(bed.twin.home, 'nothing.exe'), path.join(bed.twin.runtimeDir, 'unborn')];
  const options = {target: bed.target, helper: exe, socket: path.join(folder, 's')};
  t.deepEqual(await failingRelay(bed.twin, options), {
    exitCode: exitCode('interop'),
    lines: [`wslagent: error: the helper ${exe} does not exist`, 'wslagent: hint: unset WSLAGENT_HELPER'],
  });
  t.false(existsSync(folder));
});

test.serial('an exe that vanishes under the relay, and comes back', async t => {
  const exe = await ownExe();
  const chain = await chainFor(t, bed.twin, {target: bed.target, helper: exe});
  await rm(exe);
  t.true((await refusal(chain)).endsWith(`the helper ${exe} does not exist; hint: unset WSLAGENT_HELPER`));
  await copyFile(builtExe(), exe);
  t.true(await servesAgain(chain));
});

test.serial('an exe that is cut short', async t => {
  const exe = await ownExe();
  await truncate(exe, 1024 * 1024);
  const chain = await chainFor(t, bed.twin, {target: bed.target, helper: exe});
  const line = await refusal(chain);
  t.true(line.endsWith(`the helper ${exe} is cut short; hint: unset WSLAGENT_HELPER`), line);
  await copyFile(builtExe(), exe);
  t.true(await servesAgain(chain));
});

test.serial('an exe whose library is missing, and comes back', async t => {
  const exe = await ownExe();
  const library = libraryBeside(exe);
  await rm(library);
  const chain = await chainFor(t, bed.twin, {target: bed.target, helper: exe});
  const line = await refusal(chain);
  t.true(line.includes(path.basename(library)), line);
  t.true(line.endsWith('is missing or damaged; hint: wslagent install --now'), line);
  await copyFile(libraryBeside(builtExe()), library);
  t.true(await servesAgain(chain));
});

test.serial('an exe of another version', async t => {
  const exe = await ownExe();
  const bytes = await readFile(exe);
  const [ours, theirs] = [`"${VERSION}"`, `"${VERSION.slice(0, -1)}x"`];
  const at = bytes.indexOf(ours);
  t.is(bytes.indexOf(ours, at + 1), -1, 'the version is in the script once');
  bytes.write(theirs, at);
  await writeFile(exe, bytes);
  const chain = await chainFor(t, bed.twin, {target: bed.target, helper: exe});
  t.regex(
    await refusal(chain),
    new RegExp(`version ${theirs} does not match ${ours}; hint: unset WSLAGENT_HELPER$`),
  );
  await copyFile(builtExe(), exe);
  t.true(await servesAgain(chain));
});

/** A binfmt_misc of its own, which its creator can switch, for the command $3…; as user $1 and group $2 again. */
const OWN_INTEROP = `
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc &&
echo :WSLInterop:M::MZ::/run/wslagent-twin/init: >/proc/sys/fs/binfmt_misc/register || exit 125
uid=$1 gid=$2; shift 2
exec unshare --user --map-user="$uid" --map-group="$gid" -- "$@"`;

test.serial('interop switched off under the relay, and on again', async t => {
  const ids = [process.getuid?.(), process.getgid?.()].map(String);
  const inside = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', OWN_INTEROP, 'sh', ...ids];
  const chain = await chainFor(t, bed.twin, {target: bed.target, spares: 0, sharing: 'never', inside});
  const registration = `/proc/${chain.pid}/root${INTEROP}`;
  t.true(await servesAgain(chain));
  await writeFile(registration, '0');
  const line = await refusal(chain);
  t.regex(line, /Windows programs are not registered .* \(WSL interop is off\); hint: .*\/etc\/wsl\.conf/);
  // libuv would have /bin/sh read it
  t.is(chain.helpers().length, 1, 'the exe was not tried');
  await writeFile(registration, '1');
  t.true(await servesAgain(chain));
});
