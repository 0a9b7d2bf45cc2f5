// needs: wine
/** What is kept for a working day must cost nothing but memory: a laptop's processors sleep meanwhile. */
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {poll} from '../poll.ts';
import {CEILING, chainFor} from './chain.ts';
import {askOnce} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, echo} from './told-requests.ts';

const BODY = Buffer.from('and then nothing');

/** V8 collects once, some eight seconds after the last that was to do; in milliseconds. */
const SETTLED = 12_000;
const WATCHED = 20_000;

/** Less than once a second both together; it is never, on a machine that does nothing else. */
const MOST = 20;

let bed: ToldBed;

test.before(async t => {
  t.timeout(180_000);
  bed = await startToldBed();
});

test.after.always(async () => {
  await bed?.stop();
});

/** How often the threads of these processes have gone to sleep so far, as often as they woke up. */
function sleeps(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((own, thread) => own + sleepsOf(`/proc/${pid}/task/${thread}/status`), sum);
  }, 0);
}

function sleepsOf(status: string): number {
  return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(status, 'utf8'))?.[1]);
}

test.serial('while nobody asks, neither the relay nor its helper wakes up', async t => {
  t.timeout(180_000);
  const chain = await chainFor(t, bed.twin, {target: bed.target});
  t.deepEqual(await askOnce(chain.socket, echo(BODY)), answer(BODY));
  const both = [chain.pid, ...chain.helpers()];
  t.is(both.length, 2);
  let count = sleeps(both);
  let since = performance.now();
  await poll('nothing to be left to do', CEILING, () => {
    const now = sleeps(both);
    if (now - count > 1) [count, since] = [now, performance.now()];
    return performance.now() - since > SETTLED;
  });
  const before = sleeps(both);
  await sleep(WATCHED);
  const woken = sleeps(both) - before;
  t.true(woken < MOST, `${woken} times in ${WATCHED / 1000} s`);
  t.deepEqual(await askOnce(chain.socket, echo(BODY)), answer(BODY));
});
