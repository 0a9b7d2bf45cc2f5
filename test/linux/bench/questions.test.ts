import test, {type ExecutionContext} from 'ava';
import {burst} from '../../../linux/bench/burst.ts';
import {hold} from '../../../linux/bench/hold.ts';
import {memoryOf, type Owner, socketOwner} from '../../../linux/bench/memory.ts';
import {furtherRequests, visits} from '../../../linux/bench/sequence.ts';
import {FAILURES_MAX, Subject} from '../../../linux/bench/subject.ts';
import {throughput} from '../../../linux/bench/throughput.ts';
import {poll} from '../../twin/poll.ts';
import {FAILURE, lists, type TestAgent, testAgent} from './agent.ts';

const CEILING = 20_000;
const NOBODY: Owner = {reason: 'not asked'};

/** Whoever asked has left, and only lists were asked for. */
async function left(t: ExecutionContext, agent: TestAgent): Promise<void> {
  await poll('all connections to be closed', CEILING, () => agent.open() === 0);
  t.deepEqual([...agent.requests], ['000000010b']);
}

test('connections one after another, each of which leaves', async t => {
  const agent = await testAgent(t);
  const subject = new Subject(agent.path, CEILING);
  const {failures, ms} = await visits(subject, {count: 25, ms: CEILING});
  t.is(failures, 0);
  t.is(ms?.count, 25);
  t.is(agent.connections(), 25);
  t.deepEqual([subject.requests, subject.failures, subject.reasons], [25, 0, []]);
  t.is(subject.over, undefined);
  await left(t, agent);
});

test('requests one after another share a connection, and a lost one is made anew', async t => {
  const agent = await testAgent(t, (socket, connection, request) =>
    connection === 0 && request === 5 ? socket.destroy() : lists(socket, connection, request),
  );
  const subject = new Subject(agent.path, CEILING);
  const {failures, ms} = await furtherRequests(subject, {count: 20, ms: CEILING});
  t.is(failures, 1);
  t.is(ms?.count, 20);
  t.is(agent.connections(), 2);
  t.is(subject.failures, 1);
  await left(t, agent);
});

test('there is one sample when there is no time for two', async t => {
  const agent = await testAgent(t);
  t.is((await visits(new Subject(agent.path, CEILING), {count: 20, ms: 0})).ms?.count, 1);
  t.is((await visits(new Subject(agent.path, 0), {count: 20, ms: CEILING})).ms?.count, 1);
  t.is(new Subject(agent.path, 0).over, 'there was no time left');
});

test('who always fails is not asked for ever', async t => {
  const agent = await testAgent(t, socket => void socket.write(FAILURE));
  const subject = new Subject(agent.path, CEILING);
  t.deepEqual(await visits(subject, {count: 1000, ms: CEILING}), {failures: FAILURES_MAX, ms: null});
  t.is(agent.connections(), FAILURES_MAX);
  t.deepEqual(subject.reasons, ['it answered with SSH_AGENT_FAILURE']);
  await left(t, agent);
});

test('who says nothing is not asked again', async t => {
  const agent = await testAgent(t, () => {});
  const subject = new Subject(agent.path, CEILING, 100);
  t.deepEqual(await visits(subject, {count: 1000, ms: CEILING}), {failures: 1, ms: null});
  t.is(subject.over, 'an answer did not come within 0.1 s');
  await poll('the connection to be closed', CEILING, () => agent.open() === 0);
});

test('connections at once: rounds in which all were answered have a time, what is lost is counted', async t => {
  const whole = await testAgent(t);
  const all = await burst(new Subject(whole.path, CEILING), 10, {count: 3, ms: CEILING});
  t.deepEqual([all.connections, all.rounds, all.failures, all.ms?.count], [10, 3, 0, 3]);
  t.is(whole.connections(), 30);
  await left(t, whole);

  const lossy = await testAgent(t, (socket, connection, request) =>
    connection === 4 || connection === 5 ? socket.destroy() : lists(socket, connection, request),
  );
  const some = await burst(new Subject(lossy.path, CEILING), 10, {count: 3, ms: CEILING});
  t.deepEqual([some.rounds, some.failures, some.ms?.count], [3, 2, 2]);
  await left(t, lossy);
});

test('connections at once are there at once', async t => {
  // nobody is answered before all have asked
  const waiting: (() => void)[] = [];
  const agent = await testAgent(t, (socket, connection, request) => {
    waiting.push(() => lists(socket, connection, request));
    if (waiting.length === 12) for (const answer of waiting.splice(0)) answer();
  });
  const {failures, ms} = await burst(new Subject(agent.path, CEILING), 12, {count: 2, ms: CEILING});
  t.deepEqual([failures, ms?.count], [0, 2]);
});

test('as many requests as are answered, on so many connections', async t => {
  const agent = await testAgent(t);
  const result = await throughput(new Subject(agent.path, CEILING), 8, 50);
  t.is(result.failures, 0);
  t.true(result.requests >= 8);
  t.true(result.perSecond > 0);
  t.is(agent.connections(), 8);
  t.is(agent.most(), 8);
  await left(t, agent);
});

test('connections that are lost while they ask are counted, and the others go on', async t => {
  const agent = await testAgent(t, (socket, connection, request) =>
    connection < 2 && request > connection ? socket.destroy() : lists(socket, connection, request),
  );
  const {failures, requests} = await throughput(new Subject(agent.path, CEILING), 4, 50);
  t.is(failures, 2);
  t.true(requests >= 2);
  await left(t, agent);
});

test('connections are held while new ones come beside them, and are let go', async t => {
  const agent = await testAgent(t);
  const subject = new Subject(agent.path, CEILING);
  const held = await hold(subject, 45, {count: 6, ms: CEILING}, NOBODY);
  t.deepEqual([held.connections, held.failures, held.memory], [45, 0, null]);
  t.is(held.fresh.ms?.count, 6);
  t.is(agent.connections(), 51);
  t.true(agent.most() >= 46);
  await left(t, agent);
});

test('no more are opened once one was not answered', async t => {
  const agent = await testAgent(t, (socket, connection, request) =>
    connection === 30 ? socket.destroy() : lists(socket, connection, request),
  );
  const held = await hold(new Subject(agent.path, CEILING), 200, {count: 1, ms: 0}, NOBODY);
  t.deepEqual([held.connections, held.failures], [39, 1]);
  t.is(agent.connections(), 41);
  await left(t, agent);
});

test('who listens is found, with its memory and that of what it started', async t => {
  const agent = await testAgent(t);
  const owner = await socketOwner(agent.path);
  t.true('pid' in owner);
  if (!('pid' in owner)) return;
  t.is(owner.pid, process.pid);
  const memory = memoryOf(owner);
  t.true((memory?.pss ?? 0) > 1_000_000);
  t.true((memory?.started.processes ?? -1) >= 0);
  t.is(memoryOf({pid: 2 ** 30, program: 'nobody'}), undefined);
});
