import {spawnSync} from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {UserError} from '../../../linux/errors.ts';
import {bind} from '../../../linux/relay/bind.ts';
import {type Relay, startRelay} from '../../../linux/relay/relay.ts';
import {ensureSocketFolder} from '../../../linux/relay/socket-folder.ts';
import {isRunning} from '../../is-running.ts';
import {listens} from '../../listens.ts';
import {Client, FIXTURES, fixture, helperPids, memoryLog, startBed, temporaryFolder, until} from './bed.ts';

const MODULE = join(import.meta.dirname, '../../../linux/relay/socket-folder.ts');
const IS_ROOT = process.getuid?.() === 0;

/** Somebody else: nobody. */
const OTHER = 65_534;

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
  // what is root's is everybody's: to take it from them may be harmful
  t.is(hint, IS_ROOT ? 'choose a folder of your own for the socket' : `chmod go-w ${folder}`);
  t.is(exit, 'permission');
});

test('an own folder in one that others can write is refused', async t => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o777);
  const {message, exit} = await refused(t, join(folder, 'own', 'x.sock'));
  t.is(message, `others can write to the folder ${folder} (mode 777)`);
  t.is(exit, 'permission');
  t.false(existsSync(join(folder, 'own')));
});

test('in a sticky folder, as /tmp, one may have a socket, and a folder of one’s own', async t => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o1777);
  const everybodys = join(tmpdir(), `wslagent-${process.pid}.sock`);
  for (const path of [join(folder, 'x.sock'), join(folder, 'own', 'x.sock'), everybodys]) {
    await relayAt(t, path);
    t.is((await new Client(path).end('hello').all).toString(), 'hello');
    t.is(mode(path), '600');
  }
});

test('an own link is followed, and the folders that it leads through are looked at', async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'good'));
  mkdirSync(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o777);
  mkdirSync(join(folder, 'open', 'own'));
  symlinkSync('good', join(folder, 'to-good'));
  symlinkSync(join(folder, 'open', 'own'), join(folder, 'to-open'));
  const path = join(folder, 'to-good', 'x.sock');
  await relayAt(t, path);
  t.is((await new Client(path).end('hello').all).toString(), 'hello');
  const {message} = await refused(t, join(folder, 'to-open', 'x.sock'));
  t.is(message, `others can write to the folder ${folder}/open (mode 777)`);
});

test('links in a circle are an error', async t => {
  const folder = temporaryFolder(t);
  symlinkSync('b', join(folder, 'a'));
  symlinkSync('a', join(folder, 'b'));
  const {message} = await refused(t, join(folder, 'a', 'x.sock'));
  t.regex(message, /^cannot look at .*: too many links$/);
});

test('a folder that is somebody else’s is refused', async t => {
  const folder = IS_ROOT ? join(temporaryFolder(t), 'theirs') : '/';
  if (IS_ROOT) {
    mkdirSync(folder);
    chownSync(folder, OTHER, OTHER);
  }
  const {message, exit} = await refused(t, join(folder, 'x.sock'));
  if (IS_ROOT) t.regex(message, /belongs to user [0-9]+, not to you \([0-9]+\)$/);
  t.is(exit, IS_ROOT ? 'permission' : 'cannotListen');
});

test('a folder in one that takes none is refused, however deep', t => {
  const script = `import {ensureSocketFolder} from ${JSON.stringify(MODULE)}; ensureSocketFolder(process.argv[1]);`;
  for (const folder of ['/proc/none', '/proc/none/in']) {
    const args = ['--input-type=module', '--eval', script, `${folder}/x.sock`];
    // a process of its own: it may never come back
    const {stderr, status} = spawnSync(process.execPath, args, {timeout: 30_000, encoding: 'utf8'});
    t.is(status, 1);
    t.regex(stderr, /cannot create the folder \/proc\/none/);
  }
});

if (IS_ROOT) {
  test('an own folder in somebody else’s is refused', async t => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'theirs', 'own'), {recursive: true, mode: 0o700});
    chownSync(join(folder, 'theirs'), OTHER, OTHER);
    const {message, exit} = await refused(t, join(folder, 'theirs', 'own', 'x.sock'));
    t.is(message, `${folder}/theirs belongs to user ${OTHER}, not to you (0)`);
    t.is(exit, 'permission');
  });

  test('somebody else’s link is not followed, not even to make a folder', async t => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'own'));
    chmodSync(folder, 0o1777);
    symlinkSync('own', join(folder, 'link'));
    lchownSync(join(folder, 'link'), OTHER, OTHER);
    const {message, exit} = await refused(t, join(folder, 'link', 'new', 'x.sock'));
    t.is(message, `${folder}/link belongs to user ${OTHER}, not to you (0)`);
    t.is(exit, 'permission');
    t.deepEqual(readdirSync(join(folder, 'own')), []);
  });

  test('a socket that somebody else left in a folder of everybody’s cannot be had', async t => {
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o1777);
    const path = join(folder, 'x.sock');
    const left = createServer();
    await new Promise<void>(resolve => left.listen(path, resolve));
    linkSync(path, `${path}.stale`);
    await new Promise(resolve => left.close(resolve));
    chmodSync(`${path}.stale`, 0o666);
    const endpoints = [{name: 'main', protocol: 'raw', targets: ['pipe:x'], listen: `${path}.stale`}];
    const relay = await execa(
      process.execPath,
      [join(FIXTURES, 'relay-main.ts'), JSON.stringify({endpoints, fixture: 'echo'})],
      {reject: false, uid: OTHER, gid: OTHER, env: {HOME: '/'}},
    );
    t.is(relay.stderr, `error: the socket ${path}.stale is somebody else's\nhint: ls -l ${path}.stale`);
  });
}

/** A server that was bound after its folder was looked at and `meanwhile` happened. */
async function boundAfter(t: ExecutionContext, path: string, meanwhile: () => void) {
  const folder = ensureSocketFolder(path);
  meanwhile();
  const server = createServer();
  t.teardown(() => server.close());
  await bind(server, path, folder);
}

test('a folder that is replaced between the look and the bind is refused, and nothing is left in it', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'own', 'x.sock');
  const swap = () => {
    renameSync(join(folder, 'own'), join(folder, 'looked-at'));
    mkdirSync(join(folder, 'own'));
  };
  const error = await t.throwsAsync(boundAfter(t, path, swap), {instanceOf: UserError});
  t.is(error?.message, `${folder}/own was replaced while the socket was made in it`);
  t.deepEqual(readdirSync(join(folder, 'own')), []);
});

test('a folder that can be written by others between the look and the bind is refused', async t => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'own', 'x.sock');
  const error = await t.throwsAsync(
    boundAfter(t, path, () => chmodSync(folder, 0o777)),
    {instanceOf: UserError},
  );
  t.is(error?.message, `others can write to the folder ${folder} (mode 777)`);
  t.deepEqual(readdirSync(join(folder, 'own')), []);
});

test('a folder that cannot be made is an error with its reason', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  const {message, exit} = await refused(t, join(folder, 'file', 'x', 'y.sock'));
  t.is(message, `${folder}/file is no folder`);
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
