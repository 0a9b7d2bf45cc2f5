import test from 'ava';
import {answerTo, requestOf} from '../../fixtures/agent-answer.ts';
import {helperPids, settled, startBed, until} from './bed.ts';

const FAILURE = Buffer.of(0, 0, 0, 1, 5);

test('bytes pass both ways, a half-close passes too, and the journal has one line', async t => {
  const bed = await startBed(t, 'echo', {targets: ['pipe:one', 'pipe:two']});
  t.is((await bed.connect().end('hello').all).toString(), 'hello');
  await until('the journal line', () => bed.lines.some(line => line.startsWith('info: main#1')));
  const lines = bed.lines.filter(line => line.includes('main#1'));
  t.is(lines.length, 1);
  t.regex(
    lines[0] ?? '',
    /^info: main#1: pipe:one \(fixture\) answered in 1 ms after \d.* for a helper; \d.* 5 B in, 5 B out; client closed$/,
  );
});

test('an ssh client is answered in whole messages, however its request is cut', async t => {
  const bed = await startBed(t, 'agent', {protocol: 'ssh-agent'});
  const client = bed.connect();
  const request = requestOf(1000);
  for (const cut of [1, 3, 6, 500]) client.write(request.subarray(0, cut)).write(request.subarray(cut));
  for (let round = 0; round < 4; round++)
    t.deepEqual(await client.take(request.length), Buffer.from(answerTo(request)));
  client.end();
  await client.all;
});

test('the longest agent message passes both ways', async t => {
  const bed = await startBed(t, 'agent', {protocol: 'ssh-agent'});
  const request = requestOf(256 * 1024 - 1);
  const client = bed.connect().end(request);
  t.deepEqual(await client.all, Buffer.from(answerTo(request)));
});

test('a client that asks nothing costs no helper', async t => {
  const bed = await startBed(t, 'agent', {protocol: 'ssh-agent'});
  t.is((await bed.connect().end().all).length, 0);
  await until('the journal line', () => bed.lines.some(line => line.includes('main#1')));
  t.false(bed.lines.some(line => line.includes('started')));
});

test('an answer that takes five seconds reaches a client that has half-closed', async t => {
  const bed = await startBed(t, 'late');
  const started = performance.now();
  t.is((await bed.connect().end('please').all).toString(), 'please');
  t.true(performance.now() - started > 4900);
});

test('a client that goes away frees its channel', async t => {
  const bed = await startBed(t, 'flood');
  const client = bed.connect().write('go');
  await until('the flood to begin', () => client.received.length > 0);
  client.socket.destroy();
  await until('the journal line', () => bed.lines.some(line => line.includes('client went away')));
  t.is((await bed.connect().write('go').all).length, 64 * 1024 * 1024);
});

test('a helper that dies in the middle of an answer: an ssh client gets a failure at once, the next is served', async t => {
  const bed = await startBed(t, 'dies-mid-answer', {protocol: 'ssh-agent'});
  t.deepEqual(await bed.connect().write(requestOf(100)).all, FAILURE);
  t.deepEqual(await bed.connect().write(requestOf(100)).all, FAILURE);
  await until('the journal line', () => bed.lines.some(line => line.includes('main#2')));
  t.regex(
    bed.lines.find(line => line.includes('main#1')) ?? '',
    /^warning: main#1: pipe:x .*the helper ended while it served \(exit code 3\)/,
  );
});

test('a helper that dies before it reached an agent: another one is tried, once', async t => {
  const bed = await startBed(t, 'dies-asked', {protocol: 'ssh-agent', spares: 0});
  t.deepEqual(await bed.connect().write(requestOf(100)).all, FAILURE);
  t.is(bed.lines.filter(line => /helper [0-9]+: the helper ended/.test(line)).length, 2);
});

test('a client that has said everything when its helper dies is served by another one', async t => {
  const bed = await startBed(t, 'echo');
  t.is((await bed.connect().end('one').all).toString(), 'one');
  const [pid = 0] = helperPids(bed.lines);
  // stopped, it takes the request and does nothing with it
  process.kill(pid, 'SIGSTOP');
  const client = bed.connect().end('two');
  await settled(() => client.socket.bytesWritten);
  process.kill(pid, 'SIGKILL');
  t.is((await client.all).toString(), 'two');
  t.is(helperPids(bed.lines).length, 2);
});

test('every request that waits for an answer gets its own failure', async t => {
  const bed = await startBed(t, 'hangs-up', {protocol: 'ssh-agent'});
  const two = Buffer.concat([requestOf(10), requestOf(20)]);
  t.deepEqual(await bed.connect().write(two).all, Buffer.concat([FAILURE, FAILURE]));
});

test('what a dead helper left behind does not hold its client up', async t => {
  const bed = await startBed(t, 'leaves-child');
  const started = performance.now();
  t.is((await bed.connect().write('hello').all).toString(), 'hello');
  t.true(performance.now() - started < 30_000);
  const child = bed.lines.flatMap(line => /: child ([0-9]+)/.exec(line)?.[1] ?? []).map(Number)[0] ?? 0;
  process.kill(child);
});

test('a failure that comes before the request waits for the request', async t => {
  const bed = await startBed(t, 'garbage', {protocol: 'ssh-agent'});
  const started = performance.now();
  const client = bed.connect();
  const request = requestOf(100);
  client.write(request.subarray(0, 50));
  await until('the failure', () => bed.lines.some(line => line.includes('gone')));
  t.is(client.received.length, 0);
  client.write(request.subarray(50));
  t.deepEqual(await client.all, FAILURE);
  t.true(performance.now() - started < 25_000, 'at once, not at the deadline');
});

test('a client that does not speak the protocol is told so and closed', async t => {
  const bed = await startBed(t, 'agent', {protocol: 'ssh-agent'});
  t.deepEqual(await bed.connect().write('GET / HTTP/1.1\r\n\r\n').all, FAILURE);
  await until('the journal line', () => bed.lines.some(line => line.includes('main#1')));
  t.regex(
    bed.lines.find(line => line.includes('main#1')) ?? '',
    /the client does not speak the ssh-agent protocol/,
  );
});

test('a target that cannot be reached: the reason and the hint are in the journal line', async t => {
  const bed = await startBed(t, 'refuses', {protocol: 'ssh-agent'});
  t.deepEqual(await bed.connect().write(requestOf(1)).all, FAILURE);
  await until('the journal line', () => bed.lines.some(line => line.includes('main#1')));
  t.regex(
    bed.lines.find(line => line.includes('main#1')) ?? '',
    /^warning: main#1: .* 6 B in, 5 B out; pipe:x does not exist; hint: start the agent$/,
  );
});

test('an assuan client is greeted with the reason', async t => {
  const bed = await startBed(t, 'refuses', {protocol: 'assuan'});
  t.regex(
    (await bed.connect().all).toString(),
    /^ERR 67108941 No agent <wslagent: pipe:x does not exist>\n$/,
  );
});

test('an assuan client gets the reason after a whole line, and only there', async t => {
  const bed = await startBed(t, 'resets', {protocol: 'assuan'});
  const whole = bed.connect().write('D line\n');
  t.regex(
    (await whole.all).toString(),
    /^OK ready\nD line\nERR 67108941 No agent <wslagent: the agent closed[^\n]*\n$/,
  );
  t.is((await bed.connect().write('half\n').all).toString(), 'OK ready\nhalf');
});

test('a raw client is told by the close', async t => {
  const bed = await startBed(t, 'resets');
  t.is((await bed.connect().write('half').all).toString(), 'half');
});

test('a helper that breaks the protocol is ended, with one clear line', async t => {
  const bed = await startBed(t, 'breaks-protocol', {protocol: 'ssh-agent'});
  t.deepEqual(await bed.connect().write(requestOf(1)).all, FAILURE);
  await until('the journal line', () => bed.lines.some(line => line.includes('main#1')));
  t.regex(
    bed.lines.find(line => line.includes('main#1')) ?? '',
    /relay and helper do not understand each other: .*a channel that was never opened; hint: wslagent install --now$/,
  );
});

test('a helper that closes its output is ended, and its client told', async t => {
  const bed = await startBed(t, 'mute', {protocol: 'ssh-agent'});
  t.deepEqual(await bed.connect().write(requestOf(1)).all, FAILURE);
});
