// needs: ssh
/** The exe that lives and does nothing: stopped, as what is between Linux and Windows is after a sleep. */
import test, {type ExecutionContext} from 'ava';
import {isRunning} from '../../is-running.ts';
import {poll} from '../poll.ts';
import {FAILURE, NO_KEYS, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, type Chain, chainFor} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, bind, echo, late} from './told-requests.ts';

const MODES = ['overflow', 'never', 'always'] as const;

/**
 * In milliseconds: for who comes next, and for who waits already. The goals are 5 and 15 s, and `npm run faults` measures
 * them; a test runs beside others, which starts of programs feel.
 */
const NEXT = 10_000;
const WAITING = 15_000;
/** Longer than a helper is ever given for a sign of life. */
const PERSON = 20_000;

const BODY = Buffer.from('still there');
const SILENT =
  / warning: helper \d+: the helper gives no sign of life: .*; hint: where clients still get no answer, WSL has to start anew; hint: wsl\.exe --shutdown/;

let bed: ToldBed;

test.before(async t => {
  t.timeout(180_000);
  bed = await startToldBed();
});

test.after.always(async () => {
  await bed?.stop();
});

function stop(chain: Chain): number[] {
  const pids = chain.helpers().filter(isRunning);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return pids;
}

/** Waits until nothing of them is left, and looks whether the journal has one line for each, and no other. */
async function given(t: ExecutionContext, chain: Chain, stopped: number[]): Promise<void> {
  await poll('the stopped ones to be gone', CEILING, () => !stopped.some(isRunning));
  const lines = chain.lines.filter(line => / warning: helper /.test(line));
  t.is(lines.length, stopped.length, chain.lines.join('\n'));
  t.true(lines.every(line => SILENT.test(line)));
}

for (const sharing of MODES)
  test.serial(`${sharing}: a stopped exe that serves nobody: ssh-add is answered by another one`, async t => {
    const times: number[] = [];
    for (let round = 0; round < 2; round++) {
      const chain = await chainFor(t, bed.twin, {target: bed.target, sharing});
      t.deepEqual(await askOnce(chain.socket, echo(BODY)), answer(BODY));
      await chain.line(/ info: socket#1: /);
      if (sharing === 'never') {
        await chain.line(/: gone/);
        await chain.ready(2);
      }
      const stopped = stop(chain);
      const since = performance.now();
      const {exitCode, stdout, stderr} = await bed.twin.run('ssh-add', ['-l'], {env: chain.env});
      times.push(performance.now() - since);
      t.deepEqual([exitCode, stdout, stderr], [1, 'The agent has no identities.\n', '']);
      await given(t, chain, stopped);
      t.is(await chain.stop(), 0);
    }
    t.log(times.map(Math.round).join());
    // the bound is the requirement's; the best of two says what the program does, the rest what the machine does
    t.true(Math.min(...times) < NEXT);
  });

for (const sharing of MODES)
  test.serial(
    `${sharing}: an exe that is stopped while its clients wait, one of them for a person`,
    async t => {
      t.timeout(2 * CEILING);
      const chain = await chainFor(t, bed.twin, {target: bed.target, sharing, spares: 0});
      const [lister, waiter] = [await Client.to(chain.socket), await Client.to(chain.socket)];
      t.deepEqual(await waiter.ask(bind(1)), answer());
      waiter.send(late(60_000));
      await bed.said('late');
      t.deepEqual(await lister.ask(bind(2)), answer());
      const before = (await bed.words()).filter(word => word === 'late').length;
      const stopped = stop(chain);
      const since = performance.now();
      lister.send(REQUEST_IDENTITIES);
      const took = () => Math.round(performance.now() - since);
      const times = await Promise.all([
        lister
          .message()
          .then(keys => t.deepEqual(keys, NO_KEYS))
          .then(took),
        waiter
          .message()
          .then(refusal => t.deepEqual(refusal, FAILURE))
          .then(took),
      ]);
      t.log(times.join());
      t.true(Math.max(...times) < WAITING);
      t.deepEqual(await waiter.rest(), Buffer.alloc(0));
      await given(t, chain, stopped);
      t.regex(await chain.line(/ warning: socket#/), /the helper gives no sign of life/);
      // nobody was asked twice, and the list was asked for where this session is bound
      const words = await bed.words();
      t.is(words.filter(word => word === 'late').length, before);
      t.is(words.filter(word => /bound to 2$/.test(word)).length, 2 * (1 + MODES.indexOf(sharing)));
      lister.close();
      t.is(await chain.stop(), 0);
    },
  );

test.serial('a person who takes longer than all that is waited for, in each way to share', async t => {
  t.timeout(2 * CEILING);
  const answered = MODES.map(async sharing => {
    const chain = await chainFor(t, bed.twin, {target: bed.target, sharing, spares: 0});
    t.deepEqual(await askOnce(chain.socket, late(PERSON)), answer());
    t.is(chain.helpers().length, 1);
    t.deepEqual(
      chain.lines.filter(line => / warning: /.test(line)),
      [],
    );
    t.is(await chain.stop(), 0);
  });
  await Promise.all(answered);
});

test.serial('a relay with a stopped exe leaves when it is told to, and leaves nothing behind', async t => {
  const chain = await chainFor(t, bed.twin, {target: bed.target});
  const client = await Client.to(chain.socket);
  client.send(late(60_000));
  await bed.said('late');
  stop(chain);
  // looks itself whether a helper is left
  t.is(await chain.stop(), 0);
  t.deepEqual(await client.rest(), FAILURE);
});
