import {mock} from 'node:test';
import test from 'ava';
import {Pulse} from '../../../linux/relay/pulse.ts';

/** A pulse whose words are kept, on a clock that the test moves. The tests of this file run one at a time for it. */
function start() {
  let now = 0;
  const timers: {at: number; fire: () => void}[] = [];
  mock.method(performance, 'now', () => now);
  mock.method(globalThis, 'setTimeout', ((fire: () => void, ms: number) => {
    const timer = {at: now + ms, fire};
    timers.push(timer);
    return timer;
  }) as unknown as typeof setTimeout);
  mock.method(globalThis, 'clearTimeout', (timer: unknown) => {
    const index = timers.indexOf(timer as (typeof timers)[number]);
    if (index >= 0) timers.splice(index, 1);
  });
  const immediates: (() => void)[] = [];
  mock.method(globalThis, 'setImmediate', ((fire: () => void) => {
    immediates.push(fire);
  }) as unknown as typeof setImmediate);
  const said: string[] = [];
  const say = (word: string) => () => void said.push(`${word} ${now}`);
  const pulse = new Pulse({
    ask: say('ask'),
    doubted: say('doubted'),
    lost: say('lost'),
    proven: say('proven'),
  });
  return {
    pulse,
    timers,
    /** All that was said since this was last asked for, each with its time. */
    said: () => said.splice(0),
    /** Lets the time pass; every timer fires when it is due. */
    pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const next = timers.toSorted((one, other) => one.at - other.at)[0];
        if (next === undefined || next.at > end) break;
        now = Math.max(now, next.at);
        timers.splice(timers.indexOf(next), 1);
        next.fire();
        for (const immediate of immediates.splice(0)) immediate();
      }
      now = end;
    },
    /** Holds the event loop up: what is due meanwhile fires afterwards, and what came meanwhile is read after that. */
    holdUp(ms: number, came: () => void = () => {}) {
      now += ms;
      const due = timers.filter(({at}) => at <= now);
      for (const timer of due) {
        timers.splice(timers.indexOf(timer), 1);
        timer.fire();
      }
      came();
      for (const immediate of immediates.splice(0)) immediate();
    },
  };
}

test.afterEach.always(() => mock.restoreAll());

test.serial('a helper that serves nobody is asked nothing, and no timer runs', t => {
  const {pulse, timers, said, pass} = start();
  pass(100_000);
  pulse.serves();
  pulse.heard();
  pulse.rests();
  t.is(timers.length, 0);
  pass(100_000);
  t.deepEqual(said(), []);
});

test.serial('a client that is served at once costs no question', t => {
  const {pulse, said, pass} = start();
  for (let count = 0; count < 20; count++) {
    pulse.serves();
    pass(2);
    pulse.heard();
    pulse.rests();
    pass(100);
  }
  t.deepEqual(said(), []);
});

test.serial('a helper that takes a client and says nothing is asked, doubted and lost', t => {
  const {pulse, timers, said, pass} = start();
  pulse.serves();
  pass(30_000);
  t.deepEqual(said(), ['ask 500', 'doubted 3000', 'lost 7500']);
  t.true(pulse.silent);
  t.is(timers.length, 0);
});

test.serial('clients that come one after the other do not put the question off', t => {
  const {pulse, said, pass} = start();
  pulse.serves();
  pulse.heard();
  for (let count = 0; count < 20; count++) {
    pass(50);
    pulse.serves();
  }
  t.deepEqual(said(), ['ask 500']);
});

test.serial('clients that leave before they are answered do not take the question with them', t => {
  const {pulse, said, pass} = start();
  for (let count = 0; count < 5; count++) {
    pulse.serves();
    pass(100);
    pulse.rests();
  }
  pass(30_000);
  t.deepEqual(said(), ['ask 500', 'doubted 3000', 'lost 7500']);
});

test.serial('while a person thinks it is asked now and then, and answers are all it takes', t => {
  const {pulse, said, pass} = start();
  pulse.serves();
  pulse.heard();
  const asked: string[] = [];
  for (let time = 0; time < 60_000; time += 100) {
    pass(100);
    const words = said();
    asked.push(...words);
    if (words.length > 0) pulse.heard();
  }
  t.true(asked.every(word => word.startsWith('ask ')));
  t.true(asked.length >= 12 && asked.length <= 15, asked.join());
});

test.serial(
  'a helper that falls silent while it serves is asked 4 s later, doubted after 6.5, and lost after 11',
  t => {
    for (const last of [0, 1, 499, 500, 501, 3000, 4499, 4500, 4501]) {
      const {pulse, said, pass} = start();
      pulse.serves();
      pulse.heard();
      pass(last);
      pulse.heard();
      said();
      pass(30_000);
      const [asked, doubted, lost] = said().map(word => Number(word.split(' ')[1]) - last);
      t.deepEqual([asked, doubted, lost], [4000, 6500, 11_000]);
      mock.restoreAll();
    }
  },
);

test.serial('a loop that is two seconds late is forgiven', t => {
  const {pulse, said, pass} = start();
  pulse.serves();
  pass(500 + 2000);
  pulse.heard();
  t.deepEqual(said(), ['ask 500']);
  t.false(pulse.silent);
  pass(4000);
  t.deepEqual(said(), ['ask 6500']);
});

test.serial(
  'a question is open when its last client leaves: the answer is waited for, and then no timer runs',
  t => {
    const {pulse, timers, said, pass} = start();
    pulse.serves();
    pass(600);
    pulse.rests();
    t.is(timers.length, 1);
    pulse.heard();
    t.is(timers.length, 0);
    t.deepEqual(said(), ['ask 500']);
  },
);

test.serial('when we were held up ourselves, what came meanwhile is read first', t => {
  const {pulse, said, pass, holdUp} = start();
  pulse.serves();
  pass(2600);
  holdUp(60_000, () => pulse.heard());
  t.deepEqual(said(), ['ask 500']);
  t.false(pulse.silent);
});

test.serial('when we were held up ourselves, the helper has its whole time again', t => {
  const {pulse, said, pass, holdUp} = start();
  pulse.serves();
  pass(2600);
  holdUp(60_000);
  pass(2400);
  t.deepEqual(said(), ['ask 500']);
  pass(200);
  t.deepEqual(said(), ['doubted 65100']);
});

test.serial('one that speaks after it was doubted is silent no more, and may be doubted again', t => {
  const {pulse, said, pass} = start();
  pulse.serves();
  pass(3500);
  t.true(pulse.silent);
  pulse.heard();
  t.false(pulse.silent);
  t.deepEqual(said(), ['ask 500', 'doubted 3000']);
  pass(30_000);
  t.deepEqual(said(), ['ask 7500', 'doubted 10000', 'lost 14500']);
});

test.serial('one that is checked is unproven until it speaks, although it serves nobody', t => {
  const {pulse, timers, said, pass} = start();
  pulse.check();
  t.true(pulse.unproven);
  pass(10);
  pulse.heard();
  t.false(pulse.unproven);
  t.deepEqual(said(), ['ask 0', 'proven 10']);
  t.is(timers.length, 0);
});

test.serial('after stop nothing more is said', t => {
  const {pulse, timers, said, pass} = start();
  pulse.serves();
  pass(600);
  pulse.stop();
  pulse.heard();
  pulse.check();
  pulse.serves();
  pass(30_000);
  t.is(timers.length, 0);
  t.deepEqual(said(), ['ask 500']);
});
