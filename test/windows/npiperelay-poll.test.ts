import test from 'ava';
import {FailureError, type FailureReason} from '../../shared/failure.ts';
import type {Flag} from '../../windows/npiperelay/flags.ts';
import {polled} from '../../windows/npiperelay/poll.ts';

// Points of docs/npiperelay.md: 3, and 7 without Windows.

const fails = (reason: FailureReason, count: number): FailureError =>
  new FailureError({reason, message: `${reason} ${count}`});

/** Tries with a clock that stands still but for the pauses; the attempts fail with these reasons, the last for ever. */
async function tried(flags: Flag[], reasons: FailureReason[], goesWellAt = Number.POSITIVE_INFINITY) {
  let attempts = 0;
  let now = 0;
  const at: number[] = [];
  const attempt = async (): Promise<string> => {
    at.push(now);
    if (attempts === goesWellAt) return 'connected';
    throw fails(reasons[Math.min(attempts++, reasons.length - 1)] ?? 'internal', attempts);
  };
  const pause = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
  };
  const result = await polled(new Set(flags), attempt, pause).catch(error => (error as Error).message);
  return {result, at, now};
}

test('point 3: -p tries every 200 ms until it goes well, with no end', async t => {
  const {result, at} = await tried(['p'], ['absent'], 5000);
  t.is(result, 'connected');
  t.is(at.length, 5001);
  t.deepEqual(at.slice(0, 4), [0, 200, 400, 600]);
  t.is(at.at(-1), 1_000_000);
});

test('point 3: -l gives up after 300 retries, one minute, with the last error', async t => {
  const {result, at, now} = await tried(['p', 'l'], ['absent', 'busy']);
  t.is(result, 'busy 301');
  t.is(at.length, 301);
  t.is(now, 60_000);
});

test('point 3: what goes well at the last retry has gone well', async t => {
  const {result, now} = await tried(['p', 'l'], ['absent'], 300);
  t.is(result, 'connected');
  t.is(now, 60_000);
});

for (const flags of [[], ['l']] as Flag[][])
  for (const reason of ['absent', 'busy', 'refused'] as const)
    test(`point 7: ${reason} is fatal at once with [${flags}]`, async t => {
      const {result, at} = await tried(flags, [reason], 1);
      t.is(result, `${reason} 1`);
      t.deepEqual(at, [0]);
    });

for (const reason of ['absent', 'busy', 'refused', 'agentClosed'] as const)
  test(`point 7: -p waits when the target is ${reason}`, async t => {
    t.is((await tried(['p'], [reason], 3)).result, 'connected');
  });

for (const reason of ['denied', 'badTarget', 'untrusted', 'badGreeting', 'timeout', 'internal'] as const)
  test(`point 3: -p does not wait when the failure is ${reason}`, async t => {
    const {result, at} = await tried(['p', 'l'], ['absent', reason], 3);
    t.is(result, `${reason} 2`);
    t.is(at.length, 2);
  });
