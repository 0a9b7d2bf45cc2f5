// needs: wine
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import test from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import {poll} from '../poll.ts';
import {CEILING, chainFor, helperProcesses} from './chain.ts';
import {askOnce} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, echo} from './told-requests.ts';

/** libuv's own number, and the one that the relay gives to its helpers. */
const [PLAIN, OURS] = [4, 8];

const BODY = Buffer.from('threads');

let bed: ToldBed;

test.before(async t => {
  t.timeout(180_000);
  bed = await startToldBed();
});

test.after.always(async () => {
  await bed?.stop();
});

test.serial('the relay’s helpers have more threads for calls that wait, on the Windows side', async t => {
  const plain = spawn(builtExe(), ['serve'], {env: bed.twin.env, stdio: ['pipe', 'ignore', 'ignore']});
  const gone = once(plain, 'exit');
  t.teardown(() => void plain.kill('SIGKILL'));
  await poll('a helper started without the relay', CEILING, () => helperProcesses().length === 1);
  const [bare = 0] = helperProcesses();

  const chain = await chainFor(t, bed.twin, {target: bed.target, spares: 0});
  t.deepEqual(await askOnce(chain.socket, echo(BODY)), answer(BODY));
  const [helper = 0] = helperProcesses().filter(pid => pid !== bare);
  t.regex(environment(helper), /\0UV_THREADPOOL_SIZE=8\0/);
  t.notRegex(environment(bare), /UV_THREADPOOL_SIZE/);
  // libuv starts all of its own together, at the first read of stdin
  await poll('the threads', CEILING, () => threads(helper) === OURS && threads(bare) === PLAIN);
  plain.stdin.end();
  await gone;
});

function environment(pid: number): string {
  return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
}

/** The threads of libuv's pool, by the name that libuv gives them. */
function threads(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.filter(task => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8') === 'libuv-worker\n')
    .length;
}
