import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {AskError, Asker, type AskReason, firstAnswer} from '../../../linux/bench/asker.ts';
import {MESSAGE_MAX} from '../../../shared/ssh-agent/messages.ts';
import {poll} from '../../twin/poll.ts';
import {type Answerer, FAILURE, identities, lists, testAgent} from './agent.ts';

/** Long enough for every answer that comes. */
const CEILING = 20_000;

async function mustFail(
  t: ExecutionContext,
  asking: Promise<unknown>,
  reason: AskReason,
  message?: RegExp,
): Promise<void> {
  const error = await t.throwsAsync(asking, {instanceOf: AskError, ...(message && {message})});
  t.is((error as AskError).reason, reason);
}

test('one connection is asked again and again, with nothing but requests for the list', async t => {
  const agent = await testAgent(t);
  const {asker, elapsed} = await firstAnswer(agent.path);
  t.true(elapsed > 0);
  t.is(asker.keys, 2);
  for (let count = 0; count < 100; count++) await asker.ask();
  asker.close();
  await poll('the connection to be closed', CEILING, () => agent.open() === 0);
  t.is(agent.connections(), 1);
  t.deepEqual([...agent.requests], ['000000010b']);
});

test('connecting alone asks nothing', async t => {
  const agent = await testAgent(t);
  const asker = await Asker.connect(agent.path);
  await poll('the agent to see the connection', CEILING, () => agent.connections() === 1);
  t.is(agent.requests.size, 0);
  await asker.ask();
  t.is(asker.keys, 2);
  asker.close();
});

test('an answer that comes byte by byte is one answer', async t => {
  const agent = await testAgent(t, async socket => {
    for (const byte of identities(3)) {
      socket.write(Uint8Array.of(byte));
      await new Promise(resolve => setImmediate(resolve));
    }
  });
  const {asker} = await firstAnswer(agent.path);
  t.is(asker.keys, 3);
  asker.close();
});

/** What an agent may do instead of answering, and what is made of it. */
const FAULTS: [what: string, answer: Answerer, reason: AskReason, message: RegExp][] = [
  ['says that it failed', socket => socket.write(FAILURE), 'failed', /SSH_AGENT_FAILURE/],
  ['says nothing', () => {}, 'silent', /no answer within 0\.2 s/],
  ['never comes to an end', dribble, 'silent', /no answer within 0\.2 s/],
  ['closes', socket => socket.destroy(), 'ended', /closed without an answer/],
  ['ends in the middle', socket => socket.end(identities(2).subarray(0, 9)), 'ended', /closed without/],
  [
    'claims too much',
    socket => socket.write(length(MESSAGE_MAX + 1)),
    'tooLong',
    /longer than 262144 bytes$/,
  ],
  ['claims the most', socket => socket.write(length(0xffff_ffff)), 'malformed', /longer than 262144 bytes$/],
  ['says an empty message', socket => socket.write(length(0)), 'malformed', /is empty$/],
  ['says another message', socket => socket.write(Buffer.from([0, 0, 0, 1, 6])), 'malformed', /message 6,/],
  [
    'speaks text',
    socket => socket.write('OK Pleased to meet you\n'),
    'malformed',
    /longer than 262144 bytes$/,
  ],
  ['has fewer keys than it says', socket => socket.write(fewer()), 'malformed', /is no list of keys/],
  ['has no count', socket => socket.write(Buffer.from([0, 0, 0, 1, 12])), 'malformed', /is no list of keys/],
];

function length(bytes: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(bytes);
  return field;
}

function fewer(): Buffer {
  const answer = identities(2);
  answer[8] = 3;
  return answer;
}

/** One byte at a time, for ever. */
function dribble(socket: Socket): void {
  socket.write(length(1000));
  const timer = setInterval(() => socket.write(Uint8Array.of(12)), 20);
  socket.on('close', () => clearInterval(timer));
}

for (const [what, fault, reason, message] of FAULTS)
  test(`an agent that ${what}`, async t => {
    const agent = await testAgent(t, fault);
    const deadline = reason === 'silent' ? 200 : CEILING;
    const asker = await Asker.connect(agent.path, {deadline});
    await mustFail(t, asker.ask(), reason, message);
    await mustFail(t, asker.ask(), reason, message);
    await poll('the connection to be closed', CEILING, () => agent.open() === 0);
    await mustFail(t, firstAnswer(agent.path, {deadline}), reason, message);
  });

test('an answer that nobody asked for ends the connection, after the one that was asked for', async t => {
  const agent = await testAgent(t, socket => socket.write(Buffer.concat([identities(1), identities(1)])));
  const {asker} = await firstAnswer(agent.path);
  t.is(asker.keys, 1);
  await mustFail(t, asker.ask(), 'malformed', /nobody asked for/);
});

test('the time that an asker is idle does not count, and the next answer has its full time', async t => {
  const agent = await testAgent(t, (socket, connection, request) => {
    if (request === 0) lists(socket, connection, request);
  });
  const asker = await Asker.connect(agent.path, {deadline: 1000});
  await sleep(1500);
  await asker.ask();
  await sleep(1500);
  await mustFail(t, asker.ask(), 'silent');
});

test('who closes is told so, and only then', async t => {
  const agent = await testAgent(t, () => {});
  const asker = await Asker.connect(agent.path);
  const asking = asker.ask();
  asker.close();
  await mustFail(t, asking, 'ended', /the connection is closed/);
  await mustFail(t, asker.ask(), 'ended');
});

test('two questions at a time are a bug', async t => {
  const agent = await testAgent(t);
  const asker = await Asker.connect(agent.path);
  const first = asker.ask();
  await t.throwsAsync(asker.ask(), {message: /still waited for/});
  await first;
  asker.close();
});

test('nothing there, no socket, and a socket on which nobody listens', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-bench-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const path = join(folder, 's');
  await mustFail(t, firstAnswer(path), 'absent');
  await mustFail(t, Asker.connect(path), 'absent');
  await mustFail(t, firstAnswer(`${path}/s`), 'absent');
  writeFileSync(join(folder, 'file'), '');
  await mustFail(t, firstAnswer(join(folder, 'file')), 'refused');
});

test('a queue that is full is waited for, as by those who wait in connect()', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-bench-'));
  const path = join(folder, 's');
  const server = createServer(socket => {
    socket.on('error', () => {});
    socket.on('data', () => lists(socket, 0, 0));
  });
  await new Promise<void>(resolve => server.listen({path, backlog: 1}, resolve));
  t.teardown(() => {
    server.close();
    rmSync(folder, {recursive: true});
  });
  const answers = await Promise.all(Array.from({length: 30}, () => firstAnswer(path)));
  for (const {asker} of answers) asker.close();
  const connections = await Promise.all(Array.from({length: 30}, () => Asker.connect(path)));
  for (const asker of connections) asker.close();
  t.is(answers.length + connections.length, 60);
});
