// needs: wine
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {AgentsFault} from './fault.ts';
import {withLock} from './lock.ts';

async function lockFile(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-'));
  t.teardown(() => rm(folder, {recursive: true}));
  return join(folder, 'new folder', 'lock');
}

/** Another process that holds the lock until it is killed. */
async function startHolder(file: string) {
  const script = `
    const {withLock} = await import(process.argv[1]);
    await withLock(process.argv[2], 20, () => new Promise(() => setInterval(() => {}, 1000) && console.log('held')));`;
  const module = fileURLToPath(new URL('lock.ts', import.meta.url));
  const args = ['--input-type=module', '--eval', script, module, file];
  const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'inherit']});
  await once(child.stdout, 'data');
  return child;
}

test('one at a time, and the value or the failure of the work comes through', async t => {
  const file = await lockFile(t);
  let inside = 0;
  const work = async (value: number) => {
    inside += 1;
    t.is(inside, 1);
    await new Promise(resolve => setImmediate(resolve));
    inside -= 1;
    return value;
  };
  const values = await Promise.all([1, 2, 3, 4].map(value => withLock(file, 20, () => work(value))));
  t.deepEqual(values, [1, 2, 3, 4]);
  await t.throwsAsync(
    withLock(file, 20, () => Promise.reject(new Error('no'))),
    {message: 'no'},
  );
  t.is(await withLock(file, 20, async () => 'free again'), 'free again');
});

test('a wait has an end, and a holder that is killed lets go', async t => {
  const file = await lockFile(t);
  const holder = await startHolder(file);
  const fault = await t.throwsAsync(
    withLock(file, 1, async () => {}),
    {instanceOf: AgentsFault},
  );
  t.regex(fault?.message ?? '', /another build held it for 1 s/);
  const waiting = withLock(file, 20, async () => 'mine');
  holder.kill('SIGKILL');
  t.is(await waiting, 'mine');
});
