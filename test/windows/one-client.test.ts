import test from 'ava';
import {connectPipe} from '../../windows/targets/pipe.ts';
import {message, until} from './harness.ts';
import {OneClientPipe, wellTreated} from './one-client-pipe.ts';
import {echo, helper, TestClient} from './session-client.ts';

const SUCCESS = message(6);
const LIST = message(11);

test('list and sign of one login are one connection, which is then given up', async t => {
  const pipe = new OneClientPipe(echo);
  const client = new TestClient(pipe);
  for (const type of [27, 11, 13]) {
    await client.ask(message(type));
    // the way to the server and back
    await new Promise(resolve => setTimeout(resolve, 60));
  }
  t.is(pipe.connections, 1);
  await until(() => pipe.state === 'listening', 'the pipe to be free again');
  t.deepEqual(await client.ask(LIST), message(12, LIST));
  t.is(pipe.connections, 2);
  client.session.destroy();
  await until(() => pipe.locks.left().length === 0, 'the turn to end');
  t.deepEqual(wellTreated(pipe), []);
});

test('a client that stays and is silent keeps nobody out, in its own helper or in another', async t => {
  const pipe = new OneClientPipe(echo);
  const mine = helper();
  const stays = new TestClient(pipe, mine);
  await stays.ask(LIST);
  for (const path of [mine, helper()]) {
    const client = new TestClient(pipe, path);
    t.deepEqual(await client.ask(LIST), message(12, LIST));
    client.session.end();
    await until(() => client.ended, 'the end');
  }
  t.deepEqual(await stays.ask(LIST), message(12, LIST));
  t.deepEqual(pipe.early, []);
});

test('a turn lasts until the answer, however long a person takes', async t => {
  const answers: ((answer: Buffer) => void)[] = [];
  const pipe = new OneClientPipe(() => new Promise(resolve => answers.push(resolve)));
  const [first, second] = [new TestClient(pipe), new TestClient(pipe)];
  const one = first.ask(LIST);
  await until(() => pipe.asked.length === 1, 'the first request');
  const two = second.ask(LIST);
  // longer than any pause between two looks, and than the grace between two requests
  await new Promise(resolve => setTimeout(resolve, 500));
  t.is(pipe.asked.length, 1);
  answers[0]?.(SUCCESS);
  await one;
  await until(() => pipe.asked.length === 2, 'the second request');
  answers[1]?.(SUCCESS);
  await two;
  t.deepEqual(pipe.early, []);
});

test('bytes that are no requests keep their turn as long as their connection', async t => {
  const pipe = new OneClientPipe(echo);
  const raw = (path: string) => {
    const options = {protocol: 'raw', signal: new AbortController().signal, launch: true} as const;
    return connectPipe({path}, options, pipe);
  };
  const first = await raw(helper());
  t.false(first.turn?.wanted());
  const second = raw(helper());
  await until(() => first.turn?.wanted(), 'somebody to wait');
  t.is(pipe.connections, 1);
  first.stream.destroy();
  (await second).stream.destroy();
  t.is(pipe.connections, 2);
  await until(() => pipe.locks.left().length === 0, 'all turns to end');
  t.deepEqual(wellTreated(pipe), []);
});

test('clients that leave while they wait, or while they are served, leave nothing behind', async t => {
  const pipe = new OneClientPipe(() => new Promise(() => {}));
  const served = new TestClient(pipe);
  served.session.data(LIST);
  await until(() => pipe.asked.length === 1, 'a request');
  const mine = helper();
  const waiting = [mine, mine, helper()].map(path => new TestClient(pipe, path));
  for (const client of waiting) client.session.data(LIST);
  await until(() => pipe.locks.left().length === 3, 'two helpers that wait');
  for (const client of waiting) client.session.destroy();
  await until(() => pipe.locks.left().length === 1, 'nobody to wait');
  served.session.destroy();
  await until(() => pipe.locks.left().length === 0, 'the turn to end');
  t.deepEqual(
    [served, ...waiting].map(({failure, ended}) => failure ?? ended),
    [false, false, false, false],
  );
  t.is(pipe.connections, 1);
});

test('one who wants no waiting hears who has the pipe', async t => {
  const pipe = new OneClientPipe(() => new Promise(() => {}));
  const mine = helper();
  const served = new TestClient(pipe, mine);
  served.session.data(LIST);
  await until(() => pipe.asked.length === 1, 'a request');
  const options = {protocol: 'raw', signal: new AbortController().signal, launch: false, once: true} as const;
  await t.throwsAsync(connectPipe({path: helper()}, options, pipe), {
    message: /serves one client at a time, and another connection of wslagent has had it$/,
  });
  served.session.destroy();
  await until(() => pipe.state === 'listening' && pipe.locks.left().length === 0, 'the pipe to be free');
  const foreign = await pipe.open({path: 'windows'});
  await t.throwsAsync(connectPipe({path: mine}, options, pipe), {
    message: /serves one client at a time, and another program on windows holds it$/,
  });
  if ('stream' in foreign) foreign.stream.destroy();
  t.deepEqual(pipe.locks.left(), []);
});

test('a server that is slow to come back is waited for without being touched', async t => {
  const pipe = new OneClientPipe(echo, {leaving: 90, gap: 160, making: 10});
  const [mine, other] = [helper(), helper()];
  const clients = [mine, other, mine, other].map(path => new TestClient(pipe, path));
  const answers = clients.map(async client => {
    const answer = await client.ask(LIST);
    client.session.destroy();
    return answer;
  });
  t.deepEqual(await Promise.all(answers), Array(4).fill(message(12, LIST)));
  t.is(pipe.connections, 4);
  t.deepEqual(pipe.early, []);
});

test('a client of another program in its place is waited for', async t => {
  const pipe = new OneClientPipe(echo);
  const client = new TestClient(pipe);
  await client.ask(LIST);
  await until(() => pipe.state === 'listening' && pipe.locks.left().length === 0, 'the pipe to be free');
  const opened = await pipe.open({path: 'windows'});
  if (!('stream' in opened)) throw new Error(opened.message);
  const answer = client.ask(LIST);
  await until(() => pipe.early.length > 0, 'an attempt');
  opened.stream.destroy();
  t.deepEqual(await answer, message(12, LIST));
  t.deepEqual(pipe.early, ['taken']);
});
