import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {UserError} from '../../../linux/errors.ts';
import {alone} from '../../../linux/install/lock.ts';

const HOLDER = join(import.meta.dirname, '../../fixtures/lock-holder.ts');

/** A home folder for one test, and for this process. */
function home(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  const [home, state] = [process.env.HOME, process.env.XDG_STATE_HOME];
  process.env.HOME = folder;
  delete process.env.XDG_STATE_HOME;
  t.teardown(() => {
    process.env.HOME = home;
    if (state !== undefined) process.env.XDG_STATE_HOME = state;
    rmSync(folder, {recursive: true});
  });
  return folder;
}

const hold = (folder: string, ...args: string[]) =>
  execa(process.execPath, [HOLDER, ...args], {env: {HOME: folder}, reject: false, timeout: 60_000});

test.serial('while one works another is refused, and hears who it is; nothing stays', async t => {
  const folder = home(t);
  await alone(async () => {
    const {stderr} = await hold(folder, 'once');
    t.regex(stderr, new RegExp(`another wslagent install or uninstall is running \\(pid ${process.pid}\\)`));
  });
  t.deepEqual(readdirSync(folder), []);
  t.is(await alone(async () => 'done'), 'done');
});

test.serial('a failure gives the lock back', async t => {
  const folder = home(t);
  await t.throwsAsync(
    alone(async () => {
      throw new Error('no');
    }),
    {message: 'no'},
  );
  t.deepEqual(readdirSync(folder), []);
});

test.serial('one that was killed holds nothing, and the next takes its file away', async t => {
  const folder = home(t);
  const holder = hold(folder, 'forever');
  await once(holder.stdout, 'data');
  t.is(readdirSync(folder).length, 1);
  holder.kill('SIGKILL');
  await holder;
  t.is(readdirSync(folder).length, 1);
  await alone(async () => t.is(readdirSync(folder).length, 1));
  t.deepEqual(readdirSync(folder), []);
});

test.serial(
  'a process id that belongs to another by now, or is of an earlier start, counts for nothing',
  async t => {
    const folder = home(t);
    let name = '';
    await alone(async () => {
      name = readdirSync(folder)[0] ?? '';
    });
    const parts = name.split('.');
    const start = parts.at(-1) ?? '';
    const recycled = [...parts.slice(0, -1), String(Number(start) - 1)].join('.');
    const earlier = name.replace(/install\.[0-9a-f]{8}/, 'install.00000000');
    for (const stale of [recycled, earlier]) writeFileSync(join(folder, stale), '');
    t.is(await alone(async () => 'done'), 'done');
    t.deepEqual(readdirSync(folder), []);
  },
);

test.serial(
  'one in a container with the same home cannot be seen: it counts, and its file is named',
  async t => {
    const folder = home(t);
    let name = '';
    await alone(async () => {
      name = readdirSync(folder)[0] ?? '';
    });
    const foreign = name.replace(/^(\.[^.]+\.[^.]+)\.\d+/, '$1.1');
    t.not(foreign, name);
    writeFileSync(join(folder, foreign), '');
    const error = await t.throwsAsync(
      alone(async () => {}),
      {instanceOf: UserError},
    );
    execFileSync('sh', ['-c', (error as UserError).hint ?? '']);
    t.false(existsSync(join(folder, foreign)));
    await t.notThrowsAsync(alone(async () => {}));
  },
);

test.serial('an abstract name that anybody can hold keeps nobody away', async t => {
  const folder = home(t);
  const {dev, ino} = statSync(folder);
  const words = [join(folder, '.local/state/wslagent'), process.getuid?.(), dev, ino];
  const name = createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 32);
  const stranger = createServer();
  stranger.listen(`\0wslagent-install-${name}`);
  await once(stranger, 'listening');
  t.is(await alone(async () => 'done'), 'done');
  stranger.close();
});

test.serial('of many that come at once never two are inside', async t => {
  const folder = home(t);
  const seen = await Promise.all(Array.from({length: 6}, () => hold(folder, 'many')));
  t.true(seen.some(({stdout}) => stdout.includes('inside')));
  for (const {stdout, stderr} of seen) t.notRegex(stdout + stderr, /two inside/);
  t.deepEqual(readdirSync(folder), []);
});
