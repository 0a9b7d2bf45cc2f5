import test from 'ava';
import {Places} from '../../windows/targets/places.ts';

const NEVER = new AbortController().signal;

/** What has happened by the time that everything which could has. */
async function settled(promise: Promise<unknown>): Promise<'taken' | 'left' | 'waits'> {
  const mark = new Promise<'waits'>(resolve => setImmediate(resolve, 'waits'));
  return await Promise.race([promise.then(() => 'taken' as const).catch(() => 'left' as const), mark]);
}

test('those who come when all places are taken get them in order', async t => {
  const places = new Places(2);
  await places.take(NEVER);
  await places.take(NEVER);
  const waiting = [places.take(NEVER), places.take(NEVER), places.take(NEVER)];
  t.deepEqual(await Promise.all(waiting.map(settled)), ['waits', 'waits', 'waits']);
  places.give();
  t.deepEqual(await Promise.all(waiting.map(settled)), ['taken', 'waits', 'waits']);
  places.give();
  places.give();
  t.deepEqual(await Promise.all(waiting.map(settled)), ['taken', 'taken', 'taken']);
});

test('one who leaves the queue takes nobody’s place, and none is lost', async t => {
  const places = new Places(1);
  await places.take(NEVER);
  const leaver = new AbortController();
  const left = places.take(leaver.signal);
  const next = places.take(NEVER);
  leaver.abort(new Error('gone'));
  await t.throwsAsync(left, {message: 'gone'});
  places.give();
  t.is(await settled(next), 'taken');
  // the place is given: who had waited for it cannot leave it any more
  leaver.abort();
  places.give();
  t.is(await settled(places.take(NEVER)), 'taken');
});

test('one who has left already takes nothing', async t => {
  const places = new Places(1);
  await t.throwsAsync(places.take(AbortSignal.abort(new Error('gone'))), {message: 'gone'});
  t.is(await settled(places.take(NEVER)), 'taken');
});

test('a line tells how many wait', async t => {
  const line = new Places(1);
  const {signal} = new AbortController();
  const deadline = performance.now() + 60_000;
  await line.take(signal, deadline);
  t.is(line.waiting, 0);
  const second = line.take(signal, deadline);
  t.is(line.waiting, 1);
  line.give();
  t.true(await second);
  t.is(line.waiting, 0);
  line.give();
  t.true(await line.take(signal, deadline));
});
