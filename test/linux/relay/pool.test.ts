import test from 'ava';
import {spawnHelper} from '../../../linux/relay/spawn-helper.ts';
import {isRunning} from '../../is-running.ts';
import {type Bed, type Client, fixture, helperPids, settled, startBed, until} from './bed.ts';

/** How many helpers were started so far. */
const started = ({lines}: Bed) => helperPids(lines).length;
const running = ({lines}: Bed) => helperPids(lines).filter(isRunning).length;
const ready = ({lines}: Bed) => lines.filter(line => /: ready after/.test(line)).length;

async function echoed(client: Client, text = 'x'): Promise<void> {
  const before = client.received.length;
  client.write(text);
  await until('the echo', () => client.received.length >= before + text.length);
}

test('no helper is started before a client comes, and one serves all who ask now and then', async t => {
  const bed = await startBed(t, 'shows-pid');
  t.is(started(bed), 0);
  const clients = [bed.connect(), bed.connect(), bed.connect()];
  for (const client of clients) await echoed(client);
  t.is(new Set(clients.map(({received}) => received.toString())).size, 1);
  t.is(await settled(() => started(bed)), 1);
});

test('overflow: when much goes through a helper another is started, and the next client has it for itself', async t => {
  const bed = await startBed(t, 'echo');
  const much = bed.connect();
  const megabytes = 20;
  const flood = Buffer.alloc(1024 * 1024, 'x');
  for (let count = 0; count < megabytes; count++) much.write(flood);
  await until('another helper', () => ready(bed) === 2);
  const [first = 0, second = 0] = helperPids(bed.lines);
  await echoed(bed.connect(), 'a person');
  // the flood comes back whole, whatever goes on beside it
  await until('the flood', () => much.received.length === megabytes * flood.length);
  t.true(isRunning(first) && isRunning(second));
  t.is(started(bed), 2);
});

test('overflow: a connection takes a ready spare for itself, and as many as are wanted stay ready', async t => {
  const bed = await startBed(t, 'shows-pid', {spares: 2});
  const pids: string[] = [];
  for (let count = 1; count <= 3; count++) {
    const client = bed.connect();
    await echoed(client);
    pids.push(client.received.toString());
    await until('both', () => ready(bed) === 2);
  }
  t.is(new Set(pids.slice(0, 2)).size, 2, pids.join());
  t.is(await settled(() => started(bed)), 2);
});

test('overflow: without a ready spare the helper with the fewest connections is shared', async t => {
  const bed = await startBed(t, 'shows-pid', {spares: 0});
  const pids: string[] = [];
  for (let count = 1; count <= 3; count++) {
    const client = bed.connect();
    await echoed(client);
    pids.push(client.received.toString());
  }
  t.is(new Set(pids).size, 1);
  t.is(started(bed), 1);
});

test('overflow: no more than the most helpers, and the load is even', async t => {
  const bed = await startBed(t, 'shows-pid', {maxHelpers: 2, spares: 3});
  const loads = new Map<string, number>();
  for (let count = 1; count <= 6; count++) {
    const client = bed.connect();
    await echoed(client);
    await until('both helpers', () => ready(bed) === 2);
    const pid = client.received.toString();
    loads.set(pid, (loads.get(pid) ?? 0) + 1);
  }
  t.is(started(bed), 2);
  t.deepEqual([...loads.values()], [3, 3]);
});

test('overflow: clients one after the other use the same helper again', async t => {
  const bed = await startBed(t, 'echo');
  for (let round = 0; round < 10; round++) {
    t.is((await bed.connect().end('x').all).toString(), 'x');
  }
  t.is(started(bed), 1);
});

test('a spare that nobody uses is let go, and started again for the next client', async t => {
  const bed = await startBed(t, 'echo', {spareIdle: 400});
  await bed.connect().end('x').all;
  await until('the helpers to be let go', () => started(bed) > 0 && running(bed) === 0);
  const before = started(bed);
  t.is((await bed.connect().end('y').all).toString(), 'y');
  t.true(started(bed) > before);
});

test('a helper that was idle and is used again is not let go under its client', async t => {
  const bed = await startBed(t, 'echo', {spareIdle: 700, spares: 0});
  await bed.connect().end('x').all;
  const client = bed.connect();
  await echoed(client, 'first');
  t.is(await settled(() => running(bed)), 1);
  await echoed(client, 'second');
  t.is(client.received.toString(), 'firstsecond');
});

test('never: a helper serves one connection and ends, and beyond the most they wait in order', async t => {
  const bed = await startBed(t, 'shows-pid', {sharing: 'never', maxHelpers: 2, spares: 0});
  const clients = [bed.connect(), bed.connect(), bed.connect(), bed.connect()];
  for (const client of clients) client.write('?');
  const [first, second, third, fourth] = clients as [Client, Client, Client, Client];
  await until('two answers', () => first.received.length > 0 && second.received.length > 0);
  t.is(third.received.length, 0);
  t.is(running(bed), 2);
  second.end();
  await until('the third answer', () => third.received.length > 0);
  t.is(fourth.received.length, 0);
  first.end();
  await until('the fourth answer', () => fourth.received.length > 0);
  t.is(new Set(clients.map(client => client.received.toString())).size, 4);
  t.true(running(bed) <= 2);
});

test('never: a client that leaves the line does not hold its place', async t => {
  const bed = await startBed(t, 'shows-pid', {sharing: 'never', maxHelpers: 1, spares: 0});
  const first = bed.connect();
  await echoed(first);
  const second = bed.connect();
  await new Promise(resolve => second.socket.once('connect', resolve));
  const third = bed.connect().write('?');
  second.socket.destroy();
  first.end();
  await until('the answer', () => third.received.length > 0);
  t.not(third.received.toString(), first.received.toString());
});

test('never: a spare is kept ready, and each client gets a fresh helper', async t => {
  const bed = await startBed(t, 'shows-pid', {sharing: 'never', maxHelpers: 4, spares: 1});
  const pids: string[] = [];
  for (let count = 1; count <= 3; count++) {
    pids.push((await bed.connect().end('?').all).toString());
    await until('a spare', () => ready(bed) > count);
  }
  t.is(new Set(pids).size, 3);
  await until('the used ones to be gone', () => !pids.map(Number).some(isRunning));
});

test.serial('never: after clients that came together as many spares are ready', async t => {
  const bed = await startBed(t, 'shows-pid', {sharing: 'never', maxHelpers: 8, spares: 1});
  await Promise.all([1, 2, 3].map(() => bed.connect().end('?').all));
  await until('three spares', () => ready(bed) === 6 && running(bed) === 3);
  t.is(await settled(() => started(bed)), 6);
});

test('never: without spares there are none, however many come together', async t => {
  const bed = await startBed(t, 'shows-pid', {sharing: 'never', spares: 0});
  await Promise.all([1, 2, 3].map(() => bed.connect().end('?').all));
  t.is(await settled(() => started(bed)), 3);
});

test('a helper that was started beforehand is ready without a client, and serves the first', async t => {
  const bed = await startBed(t, 'shows-pid', {first: spawnHelper(fixture('shows-pid'))});
  await until('it', () => ready(bed) === 1);
  const client = bed.connect();
  await echoed(client, '?');
  t.is(client.received.toString(), String(helperPids(bed.lines)[0]));
  t.is(started(bed), 1);
});

test('always: one helper for all', async t => {
  const bed = await startBed(t, 'echo', {sharing: 'always'});
  await Promise.all(Array.from({length: 10}, () => echoed(bed.connect())));
  t.is(started(bed), 1);
});

test('a helper that cannot start: every client is told at once, and spares are not tried again and again', async t => {
  const bed = await startBed(t, 'garbage', {protocol: 'assuan'});
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(Array.from({length: 5}, () => bed.connect().all));
    for (const answer of answers) t.regex(answer.toString(), /^ERR .*stray output/);
  }
  const starts = await settled(() => started(bed));
  // at most one for each client, where the machine is slow, and a few tries for a spare
  t.true(starts <= 20, `${starts} starts for 15 clients`);
});

test('never: a helper that cannot start: those who wait are told too', async t => {
  const bed = await startBed(t, 'garbage', {protocol: 'assuan', sharing: 'never', maxHelpers: 2});
  const answers = await Promise.all(Array.from({length: 6}, () => bed.connect().all));
  for (const answer of answers) t.regex(answer.toString(), /^ERR .*stray output/);
});

test('a helper that is killed takes only its own connections with it, and the next client is served', async t => {
  const bed = await startBed(t, 'echo', {spares: 2});
  const first = bed.connect();
  await echoed(first);
  await until('the spare', () => ready(bed) === 2);
  const second = bed.connect();
  await echoed(second);
  const [pid = 0] = helperPids(bed.lines);
  process.kill(pid, 'SIGKILL');
  t.is((await first.all).toString(), 'x');
  await echoed(second, 'still here');
  const third = bed.connect();
  await echoed(third, 'welcome');
  t.is(second.received.toString(), 'xstill here');
  t.is(third.received.toString(), 'welcome');
});

test('a spare that dies unused is said once, and the next client is served', async t => {
  const bed = await startBed(t, 'echo', {spares: 2});
  const client = bed.connect();
  await echoed(client);
  await until('the spare', () => ready(bed) === 2);
  process.kill(helperPids(bed.lines)[1] ?? 0, 'SIGKILL');
  await until('the word', () => bed.lines.some(line => line.startsWith('warning')));
  await echoed(bed.connect());
  const warnings = bed.lines.filter(line => line.startsWith('warning'));
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /^warning: helper [0-9]+: the helper ended while it served \(SIGKILL\)$/);
});

for (const sharing of ['overflow', 'never', 'always'] as const)
  test.serial(`twenty clients at the same moment, ten rounds: all are answered (${sharing})`, async t => {
    // 200 processes, in the mode that starts one for each client
    t.timeout(180_000);
    const bed = await startBed(t, 'echo', {sharing, maxHelpers: 6});
    for (let round = 0; round < 10; round++) {
      const texts = Array.from({length: 20}, (_, index) => `${round}/${index}`);
      const answers = await Promise.all(texts.map(text => bed.connect().end(text).all));
      t.deepEqual(answers.map(String), texts);
    }
    t.true(sharing !== 'always' || started(bed) === 1);
  });

test('stopping leaves nothing behind, also while helpers start', async t => {
  const bed = await startBed(t, 'slow-start', {sharing: 'never', maxHelpers: 3});
  bed.connect();
  bed.connect();
  await until('two starts', () => started(bed) === 2);
  await bed.stop();
  t.is(running(bed), 0);
});

test.serial('a spare that died again and again is left alone, but not once a client was served', async t => {
  const bed = await startBed(t, 'echo', {spares: 2});
  const client = bed.connect();
  await echoed(client);
  // after 1, 2 and 4 s it is started again
  for (let count = 2; count <= 5; count++) {
    await until('the spare', () => ready(bed) === count);
    process.kill(helperPids(bed.lines).at(-1) ?? 0, 'SIGKILL');
  }
  await until('the word', () => bed.lines.filter(line => line.startsWith('warning')).length === 4);
  client.end();
  await client.all;
  // left alone it would be for 8 s
  await until('the spare', () => ready(bed) === 6, 5000);
  t.is(running(bed), 2);
});
