import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import test from 'ava';
import {encodeFrame} from '../../shared/protocol/encode.ts';
import {encodeGreeting} from '../../shared/protocol/greeting.ts';
import {VERSION} from '../../shared/version.ts';
import {echo, sshAgent} from './agents.ts';
import {MAIN, message, outcome, startAgent, startHelper, startRelay, tempFolder, until} from './harness.ts';

const LIST = message(11);

test.serial('it greets first, and leaves with 0 when stdin ends', async t => {
  const child = startHelper(t, ['serve']);
  child.stdin.end();
  const {code, stdout, stderr} = await outcome(child);
  t.deepEqual(new Uint8Array(stdout), encodeGreeting(VERSION));
  t.is(code, 0);
  t.is(stderr, '');
});

const strangers: [string, Uint8Array, RegExp][] = [
  ['text', Buffer.from('hello\n'), /stray output instead of a greeting: hello$/m],
  ['another version', encodeGreeting('9.9.9'), /version "9\.9\.9" does not match/],
  [
    'an unknown frame',
    Buffer.concat([encodeGreeting(VERSION), Buffer.from([0, 0, 0, 1, 99, 0, 0, 0])]),
    /an unknown frame type/,
  ],
];
for (const [title, bytes, sentence] of strangers)
  test.serial(`a peer that sends ${title} gets one line and exit code 76, although it stays`, async t => {
    const child = startHelper(t, ['serve']);
    child.stdin.write(bytes);
    const {code, stderr} = await outcome(child);
    t.is(code, 76);
    t.regex(stderr, sentence);
    t.is(stderr.trim().split('\n').length, 1);
  });

test.serial('a stream that ends inside a frame is an error', async t => {
  const child = startHelper(t, ['serve']);
  child.stdin.end(Buffer.concat([encodeGreeting(VERSION), Buffer.from([0, 0])]));
  const {code, stderr} = await outcome(child);
  t.is(code, 76);
  t.regex(stderr, /ended inside a frame/);
});

test.serial('when stdin ends, requests are delivered and answers that come soon are passed on', async t => {
  const folder = await tempFolder(t);
  const requests: Buffer[] = [];
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((request, socket) => {
      requests.push(request);
      setTimeout(() => socket.write(message(12, request)), 200);
    }),
  );
  const relay = startRelay(t, {WSLAGENT_PIPES: folder});
  const channel = relay.open('ssh-agent', 'pipe:agent');
  channel.send(LIST);
  channel.send(LIST);
  t.is(await relay.leave(), 0);
  t.deepEqual(requests, [LIST, LIST]);
  t.deepEqual(channel.received, Buffer.concat([message(12, LIST), message(12, LIST)]));
  t.true(channel.ended);
});

test.serial('an agent that never answers does not keep a helper whose relay has gone', async t => {
  const folder = await tempFolder(t);
  let closed = false;
  await startAgent(t, path.join(folder, 'agent'), socket => {
    socket.resume();
    socket.on('end', () => {
      closed = true;
      socket.end();
    });
  });
  const relay = startRelay(t, {WSLAGENT_PIPES: folder});
  const channel = relay.open('ssh-agent', 'pipe:agent');
  channel.send(LIST);
  await until(() => channel.opened, 'the connection');
  t.is(await relay.leave(), 0);
  await until(() => closed, 'the agent’s connection to be closed');
});

test.serial('asked whether it lives it answers at once, while an agent waits for a person', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'agent'), socket => void socket.resume());
  const relay = startRelay(t, {WSLAGENT_PIPES: folder});
  const channel = relay.open('ssh-agent', 'pipe:agent');
  channel.send(LIST);
  await until(() => channel.opened, 'the connection');
  for (const number of [1, 2, 3]) {
    const said = once(relay.child.stdout, 'data');
    relay.session.ask();
    const [bytes] = (await said) as [Buffer];
    t.deepEqual([bytes], encodeFrame({type: 'alive', channel: 0, number}).map(Buffer.from));
  }
});

test.serial('a relay that vanishes takes the helper with it', async t => {
  const child = startHelper(t, ['serve']);
  child.stdin.write(encodeGreeting(VERSION));
  child.stdout.destroy();
  child.stderr.destroy();
  child.stdin.destroy();
  t.is(await until(() => child.exitCode ?? undefined, 'its end'), 0);
});

test.serial('a hundred channels at once', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'agent'), echo);
  const relay = startRelay(t, {WSLAGENT_PIPES: folder});
  const answers = await Promise.all(
    Array.from({length: 100}, async (_, index) => {
      const request = message(13, Buffer.alloc(index * 100, index));
      const channel = relay.open('ssh-agent', 'pipe:agent');
      const answer = await channel.ask(request);
      channel.end();
      await channel.close();
      return answer.equals(message(12, request));
    }),
  );
  t.true(answers.every(Boolean));
  t.is(await relay.leave(), 0);
});

test.serial('a person on a terminal is told what this is', async t => {
  // script(1) gives the helper a terminal.
  const command = `${process.execPath} ${MAIN} serve`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {stdio: 'pipe'});
  t.teardown(() => child.kill('SIGKILL'));
  const {code, stdout} = await outcome(child);
  t.is(code, 2);
  t.regex(stdout.toString(), /serve is for wslagent/);
});
