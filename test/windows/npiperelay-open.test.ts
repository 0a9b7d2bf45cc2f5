import {PassThrough} from 'node:stream';
import test from 'ava';
import {FailureError, type FailureReason} from '../../shared/failure.ts';
import type {Target} from '../../shared/target.ts';
import {openTarget} from '../../windows/npiperelay/open.ts';
import type {ConnectOptions} from '../../windows/targets/connection.ts';
import {connectPipe, type PipeSystem} from '../../windows/targets/pipe.ts';
import {busyPipe} from '../../windows/targets/pipe-failure.ts';
import {reach} from '../../windows/targets/reach.ts';
import {tempFolder} from './harness.ts';

// Points of docs/npiperelay.md: 2 (fatal lines) and 7 (one attempt).

/** What is asked of the targets when `text` is opened, and what comes of it when they fail for this reason. */
async function opened(text: string, flags: 'a'[], reason: FailureReason | undefined, hint?: string) {
  const asked: {targets: readonly Target[]; options: ConnectOptions}[] = [];
  const result = await openTarget(
    text,
    new Set(flags),
    () => {},
    async (targets, options) => {
      asked.push({targets, options});
      if (reason !== undefined)
        throw new FailureError({reason, message: 'our words', ...(hint === undefined ? {} : {hint})});
      const connection = {stream: new PassThrough(), detail: '', halfCloses: false};
      return {index: 0, elapsed: 0, connection};
    },
  );
  return {asked, result};
}

test('point 7: a target is asked for one attempt, and an agent that sleeps is started', async t => {
  const {asked, result} = await opened('//./pipe/x', [], undefined);
  t.true('stream' in result);
  t.is(asked.length, 1);
  t.deepEqual(asked[0]?.targets, [{kind: 'pipe', path: 'x'}]);
  const {once, launch, protocol} = asked[0]?.options ?? {};
  t.deepEqual({once, launch, protocol}, {once: true, launch: true, protocol: 'raw'});
});

test('point 7: one attempt is one, at a busy pipe', async t => {
  let attempts = 0;
  const system: PipeSystem = {
    open: async () => {
      attempts++;
      return busyPipe('x');
    },
    lock: () => undefined,
    listens: () => true,
    room: async () => t.fail('waited'),
  };
  const signal = new AbortController().signal;
  const options = {protocol: 'raw', signal, launch: true, once: true} as const;
  await t.throwsAsync(connectPipe({path: 'x'}, options, system), {message: /stayed busy/});
  t.is(attempts, 1);
});

test('point 7: one attempt is one, at an absent pipe', async t => {
  const {signal} = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  // Whoever connects, and whoever waits for the next attempt, wants to hear of the end.
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  const target = {kind: 'pipe', path: `${await tempFolder(t)}/absent`} as const;
  const options = {protocol: 'raw', signal, launch: true, once: true} as const;
  await t.throwsAsync(reach([target], options), {message: /does not exist/});
  t.is(listeners, 1);
});

const LINES: [string, 'a'[], FailureReason, string][] = [
  ['//./pipe/x', [], 'absent', 'open //./pipe/x: The system cannot find the file specified.'],
  ['\\\\.\\pipe\\x', [], 'busy', 'open \\\\.\\pipe\\x: All pipe instances are busy.'],
  ['//./pipe/x', [], 'denied', 'open //./pipe/x: Access is denied.'],
  ['//./pipe/x', [], 'untrusted', 'open //./pipe/x: our words'],
  ['//./pipe/x', [], 'helperIncomplete', 'open //./pipe/x: our words'],
  ['/dev/x', ['a'], 'absent', 'open /dev/x: The system cannot find the file specified.'],
  ['/no/x', ['a'], 'absent', 'open /no/x: The system cannot find the path specified.'],
  ['/dev/x', ['a'], 'timeout', 'open /dev/x: our words'],
  [
    '/dev/x',
    ['a'],
    'refused',
    'ConnectEx: No connection could be made because the target machine actively refused it. (our words)',
  ],
  ['gpg:agent-socket', [], 'absent', 'open gpg:agent-socket: our words'],
  ['pageant', [], 'absent', 'open pageant: our words'],
];
for (const [text, flags, reason, fatal] of LINES)
  test(`point 2: ${text} with [${flags}] is ${reason}`, async t => {
    const {result} = await opened(text, flags, reason);
    t.like(result, {fatal});
  });

test('the hint is that of the failure, and of a stranger’s pipe the flag', async t => {
  t.like((await opened('//./pipe/x', [], 'busy', 'do this')).result, {hint: 'do this'});
  const {result} = await opened('//./pipe/x', [], 'untrusted', 'write any-owner:pipe:x');
  t.regex('hint' in result ? String(result.hint) : '', /-trust-any-owner$/);
});
