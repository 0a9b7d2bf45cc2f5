import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {CHANNELS_MAX} from '../../../shared/protocol/limits.ts';
import {answerTo, requestOf} from '../../fixtures/agent-answer.ts';
import {isRunning} from '../../is-running.ts';
import {listens} from '../../listens.ts';
import {Client, FIXTURES, helperPids, startBed, temporaryFolder, until} from './bed.ts';

const FAILURE = Buffer.of(0, 0, 0, 1, 5);

test('stopping ends idle clients and spares at once', async t => {
  const bed = await startBed(t, 'agent', {protocol: 'ssh-agent'});
  const busy = bed.connect().write(requestOf(3));
  await busy.take(8);
  busy.end();
  const idle = bed.connect();
  await until('the idle client', () => idle.socket.readyState === 'open');
  await until('the first client to be gone', () => bed.lines.some(line => line.startsWith('info: main#1')));
  const started = performance.now();
  await bed.stop();
  t.true(performance.now() - started < 9000);
  t.is((await idle.all).length, 0);
  t.true(bed.lines.includes('info: stopping'));
});

test('stopping lets an answer that is under way arrive', async t => {
  const bed = await startBed(t, 'late');
  const client = bed.connect().end('please');
  await until('the helper', () => bed.lines.some(line => /ready after/.test(line)));
  await bed.stop();
  t.is((await client.all).toString(), 'please');
});

test('stopping is bounded: who is still there after ten seconds is told', async t => {
  const bed = await startBed(t, 'silent-agent', {protocol: 'ssh-agent'});
  const client = bed.connect().write(requestOf(1));
  await until('the helper', () => bed.lines.some(line => /ready after/.test(line)));
  await bed.stop();
  t.deepEqual(await client.all, FAILURE);
  t.true(bed.lines.includes('warning: 1 connections did not end within 10 s'));
});

test('stopping is bounded for a client that does not read', async t => {
  const bed = await startBed(t, 'flood');
  const client = bed.connect();
  client.socket.pause();
  client.write('go');
  await until('the flood', () => client.socket.readableLength > 0 || client.socket.bytesRead > 0);
  await bed.stop();
  t.false(client.socket.destroyed);
});

test('stopping twice is stopping once', async t => {
  const bed = await startBed(t, 'echo');
  bed.relay.stop();
  bed.relay.stop();
  await bed.stop();
  t.is(bed.lines.filter(line => line === 'info: stopping').length, 1);
});

test('without clients the relay leaves after its idle time, not before', async t => {
  const bed = await startBed(t, 'agent', {protocol: 'ssh-agent', idleExit: 1500});
  const client = bed.connect().write(requestOf(1));
  await client.take(6);
  const over = {is: false};
  void bed.relay.done.then(() => {
    over.is = true;
  });
  // a connection that is open counts, however long it says nothing
  await new Promise(resolve => setTimeout(resolve, 2000));
  t.false(over.is || bed.lines.some(line => line.startsWith('info: nothing to do')));
  client.write(requestOf(1));
  t.deepEqual(await client.take(6), Buffer.from(answerTo(requestOf(1))));
  client.end();
  await bed.relay.done;
  t.deepEqual(helperPids(bed.lines).filter(isRunning), []);
  t.true(bed.lines.some(line => line.startsWith('info: nothing to do')));
});

test('a log that nobody reads any more does not end the relay', async t => {
  const path = join(temporaryFolder(t), 's', 'x.sock');
  const endpoints = [{name: 'main', protocol: 'raw', targets: ['pipe:x'], listen: path}];
  const relay = execa(
    process.execPath,
    [join(FIXTURES, 'relay-main.ts'), JSON.stringify({endpoints, fixture: 'echo'})],
    {reject: false},
  );
  t.teardown(() => relay.kill());
  await until('the relay', () => listens(path));
  relay.stderr.destroy();
  for (const text of ['one', 'two', 'three']) t.is((await new Client(path).end(text).all).toString(), text);
  relay.kill('SIGTERM');
  t.is((await relay).exitCode, 0);
});

test('one connection more than a helper can carry is told so, and the others stay', async t => {
  const bed = await startBed(t, 'agent', {protocol: 'assuan', sharing: 'always'});
  const clients: Client[] = [];
  // in groups, because the kernel lets only so many wait to be accepted
  while (clients.length < CHANNELS_MAX) {
    const group = Array.from({length: 256}, () => bed.connect());
    await group.at(-1)?.write(requestOf(1)).take(6);
    clients.push(...group);
  }
  const refused = bed.connect();
  t.regex((await refused.all).toString(), /^ERR .* more than 4096 connections/);
  t.true(bed.lines.some(line => /^warning: main: more than 4096 connections/.test(line)));
  t.true(clients.every(client => client.socket.readyState === 'open'));
  for (const client of clients) client.end();
  await until('all to be gone', () => clients.every(client => client.socket.destroyed), 30_000);
  t.is((await bed.connect().end(requestOf(1)).all).length, 6);
});
