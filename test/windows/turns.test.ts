import test from 'ava';
import fc from 'fast-check';
import {TurnTimeout, type TurnWish, takeTurn} from '../../windows/targets/turns.ts';
import {until} from './harness.ts';
import {TestLocks} from './turn-locks.ts';

let pipes = 0;
/** Turns are the process's: each test has a pipe of its own. */
const pipe = (): string => `pipe-${pipes++}`;

function wish(rest: Partial<TurnWish> = {}): TurnWish {
  return {
    signal: new AbortController().signal,
    deadline: performance.now() + 60_000,
    lock: () => undefined,
    rest: async () => {},
    ...rest,
  };
}

test('a turn is waited for in order, and other pipes do not wait', async t => {
  const name = pipe();
  const first = await takeTurn(name, wish());
  const log: string[] = [];
  const rest = ['second', 'third'].map(async word => {
    const turn = await takeTurn(name, wish());
    log.push(word);
    turn.end();
  });
  (await takeTurn(pipe(), wish())).end();
  t.deepEqual(log, []);
  t.true(first.wanted());
  first.end();
  await Promise.all(rest);
  t.deepEqual(log, ['second', 'third']);
});

test('ending a turn twice passes it on once', async t => {
  const name = pipe();
  const first = await takeTurn(name, wish());
  const second = takeTurn(name, wish());
  first.end();
  const got = await second;
  const third = takeTurn(name, wish());
  first.end();
  t.true(got.wanted());
  got.end();
  (await third).end();
});

test('who gives up, or waits too long, leaves no hole in the line', async t => {
  const name = pipe();
  const first = await takeTurn(name, wish());
  const gone = new AbortController();
  const aborted = takeTurn(name, wish({signal: gone.signal}));
  const late = takeTurn(name, wish({deadline: performance.now()}));
  const last = takeTurn(name, wish());
  gone.abort(new Error('the client left'));
  await t.throwsAsync(aborted, {message: 'the client left'});
  await t.throwsAsync(late, {instanceOf: TurnTimeout});
  first.end();
  (await last).end();
  await t.throwsAsync(takeTurn(name, wish({signal: gone.signal})), {message: 'the client left'});
  (await takeTurn(name, wish())).end();
});

test('a pipe’s only place is passed on when the server listens again, and who comes next knows', async t => {
  const name = pipe();
  let listens = (): void => {};
  const rest = () =>
    new Promise<void>(resolve => {
      listens = resolve;
    });
  const first = await takeTurn(name, wish({rest}));
  t.like(first, {served: false, narrow: false});
  first.serve();
  let passed = false;
  const second = takeTurn(name, wish()).finally(() => {
    passed = true;
  });
  first.end();
  (await takeTurn(pipe(), wish())).end();
  t.false(passed);
  listens();
  const turn = await second;
  t.like(turn, {served: true, narrow: true});
  turn.end();
});

test('helpers take turns through their lock, and each hears of the others', async t => {
  const locks = new TestLocks();
  const [mine, other] = [pipe(), pipe()];
  const first = await takeTurn(mine, wish({lock: locks.open}));
  first.serve();
  t.false(first.wanted());
  const second = takeTurn(other, wish({lock: locks.open}));
  await until(() => first.wanted(), 'the other to show that it waits');
  first.end();
  const turn = await second;
  t.true(turn.served);
  t.false(turn.wanted());
  turn.end();
  t.deepEqual(locks.left(), []);
});

test('a helper that waits does not wait for ever, nor for a client that left', async t => {
  const locks = new TestLocks();
  const held = await takeTurn(pipe(), wish({lock: locks.open}));
  const gone = new AbortController();
  const aborted = takeTurn(pipe(), wish({lock: locks.open, signal: gone.signal}));
  await until(() => held.wanted(), 'somebody to wait');
  gone.abort();
  await t.throwsAsync(aborted, {name: 'AbortError'});
  t.false(held.wanted());
  await t.throwsAsync(takeTurn(pipe(), wish({lock: locks.open, deadline: performance.now()})), {
    instanceOf: TurnTimeout,
  });
  t.false(held.wanted());
  held.end();
  t.deepEqual(locks.left(), []);
});

test('who wants one attempt waits for those who only connect, and not for one that is served', async t => {
  const locks = new TestLocks();
  const connecting = await takeTurn(pipe(), wish({lock: locks.open}));
  const patient = takeTurn(pipe(), wish({lock: locks.open, once: true}));
  await until(() => connecting.wanted(), 'somebody to wait');
  connecting.end();
  const turn = await patient;
  turn.serve();
  await t.throwsAsync(takeTurn(pipe(), wish({lock: locks.open, once: true})), {instanceOf: TurnTimeout});
  turn.end();
  await until(() => locks.left().length === 0, 'the end of its rest');
});

test('a helper that died leaves its turn, and the server has its rest', async t => {
  const locks = new TestLocks();
  const dead = locks.open();
  dead.take();
  dead.raise('serving');
  locks.kill(dead);
  let rests = 0;
  const rest = async () => void rests++;
  const turn = await takeTurn(pipe(), wish({lock: locks.open, rest}));
  t.true(turn.served);
  t.is(rests, 1);
  turn.end();
  t.deepEqual(locks.left(), []);
});

test('a helper that has just had its turn lets the others go first', async t => {
  const locks = new TestLocks();
  const [greedy, other] = [pipe(), pipe()];
  const first = await takeTurn(greedy, wish({lock: locks.open}));
  const order: string[] = [];
  const modest = takeTurn(other, wish({lock: locks.open})).then(turn => {
    order.push('modest');
    turn.end();
  });
  await until(() => first.wanted(), 'somebody to wait');
  first.end();
  (await takeTurn(greedy, wish({lock: locks.open}))).end();
  order.push('greedy');
  await modest;
  t.deepEqual(order, ['modest', 'greedy']);
});

test('one who has the turn and does not show that it is a helper is waited for no longer than two seconds', async t => {
  const locks = new TestLocks();
  const stranger = locks.open();
  stranger.take();
  const [mine, other] = [pipe(), pipe()];
  const begun = performance.now();
  const turn = await takeTurn(mine, wish({lock: locks.open}));
  t.true(performance.now() - begun < 20_000);
  t.is(turn.outOfTurn, 'someone.exe (process 7) has its turn and is no helper of wslagent');
  t.false(turn.narrow);
  turn.end();
  stranger.give();
  stranger.close();
  const next = await takeTurn(other, wish({lock: locks.open}));
  t.is(next.outOfTurn, undefined);
  next.end();
  t.deepEqual(locks.left(), []);
});

test('nobody is waited for behind a name that is not ours', async t => {
  const name = pipe();
  const turn = await takeTurn(name, wish({lock: () => ({foreign: async () => 'someone.exe'})}));
  t.is(turn.outOfTurn, 'someone.exe has the name of its turns');
  t.false(turn.wanted());
  const second = takeTurn(name, wish());
  turn.end();
  (await second).end();
});

test('a helper that hangs with its turn is waited for within a bound, and one that serves a person without', async t => {
  t.timeout(90_000);
  const [hung, serving] = [new TestLocks(), new TestLocks()];
  (await takeTurn(pipe(), wish({lock: hung.open}))).wanted();
  const server = await takeTurn(pipe(), wish({lock: serving.open}));
  server.serve();
  const patient = takeTurn(pipe(), wish({lock: serving.open}));
  const turn = await takeTurn(pipe(), wish({lock: hung.open}));
  t.is(turn.outOfTurn, 'someone.exe (process 7) has its turn and does nothing with it');
  turn.end();
  t.true(server.wanted());
  server.end();
  const next = await patient;
  t.is(next.outOfTurn, undefined);
  next.end();
});

test('whatever comes, leaves and dies: never two at a time, and nobody is forgotten', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          helper: fc.nat({max: 2}),
          comes: fc.nat({max: 15}),
          stays: fc.nat({max: 10}),
          leaves: fc.option(fc.nat({max: 20})),
        }),
        {minLength: 1, maxLength: 8},
      ),
      async clients => {
        const locks = new TestLocks();
        const names = [pipe(), pipe(), pipe()];
        let inside = 0;
        let [served, left] = [0, 0];
        await Promise.all(
          clients.map(async ({helper, comes, stays, leaves}) => {
            await new Promise(resolve => setTimeout(resolve, comes));
            const gone = new AbortController();
            if (leaves !== null) setTimeout(() => gone.abort(), leaves);
            try {
              const turn = await takeTurn(names[helper] ?? '', wish({lock: locks.open, signal: gone.signal}));
              t.is(++inside, 1);
              await new Promise(resolve => setTimeout(resolve, stays));
              inside--;
              turn.end();
              served++;
            } catch (error) {
              if (!gone.signal.aborted) throw error;
              left++;
            }
          }),
        );
        t.is(served + left, clients.length);
        t.deepEqual(locks.left(), []);
      },
    ),
    {numRuns: 25},
  );
});
