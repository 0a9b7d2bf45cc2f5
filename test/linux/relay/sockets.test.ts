import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {UserError} from '../../../linux/errors.ts';
import {type Relay, startRelay} from '../../../linux/relay/relay.ts';
import {isRunning} from '../../is-running.ts';
import {listens} from '../../listens.ts';
import {Client, FIXTURES, fixture, helperPids, memoryLog, startBed, temporaryFolder, until} from './bed.ts';

/** A relay with one socket at `listen`, stopped after the test. */
async function relayAt(t: ExecutionContext, listen: string): Promise<Relay> {
  const relay = await startRelay({
    endpoints: [{name: 'main', protocol: 'raw', targets: ['pipe:x'], listen}],
    helper: fixture('echo'),
    sharing: 'overflow',
    spares: 0,
    maxHelpers: 2,
    spareIdle: 60_000,
    idleExit: undefined,
    log: memoryLog(),
  });
  t.teardown(async () => {
    relay.stop();
    await relay.done;
  });
  return relay;
}

async function refused(t: ExecutionContext, listen: string): Promise<UserError> {
  const error = await t.throwsAsync(relayAt(t, listen), {instanceOf: UserError});
  if (!(error instanceof UserError)) throw new Error('not refused');
  return error;
}

const mode = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);

test.serial(
  'the folder is made for its owner alone, and the socket is 0600 from its first moment',
  async t => {
    const mask = process.umask(0);
    t.teardown(() => process.umask(mask));
    const path = join(temporaryFolder(t), 'a', 'b', 'x.sock');
    const starting = relayAt(t, path);
    await until('the socket file', () => existsSync(path));
    t.is(mode(path), '600');
    await starting;
    t.is(mode(path), '600');
    t.is(mode(join(path, '..')), '700');
    t.is(mode(join(path, '..', '..')), '700');
    t.is(process.umask(), 0);
  },
);

test('stopping removes the socket', async t => {
  const bed = await startBed(t, 'echo');
  t.true(existsSync(bed.path()));
  await bed.stop();
  t.false(existsSync(bed.path()));
});

test('stopping leaves a socket that somebody else put there meanwhile', async t => {
  const bed = await startBed(t, 'echo');
  renameSync(bed.path(), `${bed.path()}.old`);
  const other = createServer(socket => socket.end('the other'));
  await new Promise<void>(resolve => other.listen(bed.path(), resolve));
  t.teardown(() => other.close());
  await bed.stop();
  t.is((await new Client(bed.path()).all).toString(), 'the other');
});

test('a stale socket is replaced: the relay before it was killed', async t => {
  const path = join(temporaryFolder(t), 's', 'x.sock');
  const options = {
    endpoints: [{name: 'main', protocol: 'raw', targets: ['pipe:x'], listen: path}],
    fixture: 'echo',
  };
  const killed = execa(process.execPath, [join(FIXTURES, 'relay-main.ts'), JSON.stringify(options)], {
    reject: false,
  });
  t.teardown(() => killed.kill('SIGKILL'));
  await until('the first relay', () => listens(path));
  t.is((await new Client(path).end('one').all).toString(), 'one');
  killed.kill('SIGKILL');
  const {stderr} = await killed;
  const helpers = helperPids(stderr.split('\n'));
  t.true(helpers.length > 0);
  await until('its helpers to leave', () => !helpers.some(isRunning));
  t.true(existsSync(path));
  await relayAt(t, path);
  t.is((await new Client(path).end('two').all).toString(), 'two');
});

test('a live socket is respected, and its holder named', async t => {
  const bed = await startBed(t, 'echo');
  const {message, exit} = await refused(t, bed.path());
  t.true(message.startsWith(`${bed.path()} is in use: `));
  t.true(message.endsWith(`(pid ${process.pid}) listens on it`), message);
  t.is(exit, 'cannotListen');
  t.is((await bed.connect().end('still here').all).toString(), 'still here');
});

test('a file that is no socket is left alone and named, a symlink too', async t => {
  const folder = temporaryFolder(t);
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  writeFileSync(file, 'precious');
  symlinkSync(file, link);
  for (const path of [file, link]) {
    const {message} = await refused(t, path);
    t.is(message, `${path} exists and is no socket; left alone`);
  }
  t.is(readFileSync(file, 'utf8'), 'precious');
});

test('a folder that others can write is refused', async t => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o770);
  const {message, hint, exit} = await refused(t, join(folder, 'x.sock'));
  t.is(message, `others can write to the folder ${folder} (mode 770)`);
  t.is(hint, `chmod go-w ${folder}`);
  t.is(exit, 'permission');
});

test('a folder that is somebody else’s is refused', async t => {
  const folder = process.getuid?.() === 0 ? join(temporaryFolder(t), 'theirs') : '/';
  if (folder !== '/') {
    mkdirSync(folder);
    await execa('chown', ['65534', folder]);
  }
  const {message, exit} = await refused(t, join(folder, 'x.sock'));
  t.regex(message, /belongs to user [0-9]+, not to you \([0-9]+\)$/);
  t.is(exit, 'permission');
});

test('a folder that cannot be made is an error with its reason', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const {message, exit} = await refused(t, join(folder, 'file', 'x', 'y.sock'));
  t.regex(message, /^cannot create the folder .*ENOTDIR/);
  t.is(exit, 'cannotListen');
});

test('a path that is too long for a socket is refused, and nothing is made', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'd', `${'x'.repeat(107)}.sock`);
  const {message, exit} = await refused(t, path);
  t.regex(message, /is [0-9]+ bytes long, and Linux allows 107$/);
  t.is(exit, 'cannotListen');
  t.false(existsSync(join(folder, 'd')));
});

test('a path of exactly 107 bytes works', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'x'.repeat(107 - folder.length - 1));
  await relayAt(t, path);
  t.is((await new Client(path).end('hello').all).toString(), 'hello');
});

test('when one socket cannot be had, none is left', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const endpoint = (name: string) => ({
    name,
    protocol: 'raw' as const,
    targets: ['pipe:x'],
    listen: join(folder, name),
  });
  const starting = startRelay({
    endpoints: [endpoint('good'), endpoint('file')],
    helper: fixture('echo'),
    sharing: 'overflow',
    spares: 0,
    maxHelpers: 2,
    spareIdle: 60_000,
    idleExit: undefined,
    log: memoryLog(),
  });
  await t.throwsAsync(starting, {instanceOf: UserError});
  t.false(existsSync(join(folder, 'good')));
});
