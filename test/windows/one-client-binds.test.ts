import test from 'ava';
import {extension, message} from './harness.ts';
import {OneClientPipe} from './one-client-pipe.ts';
import {bind, echo, TestClient} from './session-client.ts';

const SUCCESS = message(6);
const FAILURE = message(5);
const LIST = message(11);

test('what a session was bound to is said again, in order, before its next request', async t => {
  const refused = extension('other@example.org');
  const pipe = new OneClientPipe(asked =>
    asked.request.equals(refused) || asked.request.equals(bind(2)) ? FAILURE : echo(asked),
  );
  const client = new TestClient(pipe);
  for (const request of [bind(1), bind(2), refused, bind(3), LIST]) await client.ask(request);
  await new TestClient(pipe).ask(LIST);
  pipe.asked.length = 0;
  t.deepEqual(await client.ask(LIST), message(12, LIST));
  t.deepEqual(
    pipe.asked.map(({request}) => request),
    [bind(1), bind(3), LIST],
  );
  t.is(new Set(pipe.asked.map(({connection}) => connection)).size, 1);
  t.deepEqual(client.answers, []);
});

test('an agent that refuses a session-bind the second time ends the session', async t => {
  let binds = 0;
  const pipe = new OneClientPipe(asked => (asked.request[4] === 27 && ++binds > 1 ? FAILURE : echo(asked)));
  const client = new TestClient(pipe);
  await client.ask(bind(1));
  await new TestClient(pipe).ask(LIST);
  await t.throwsAsync(client.ask(LIST), {
    message: /does not accept again what this ssh session was bound to/,
  });
  t.is(client.failure?.reason, 'agentClosed');
  t.deepEqual(pipe.asked.at(-1)?.request, bind(1));
});

test('an agent that closes on a session-bind the second time ends the session', async t => {
  let binds = 0;
  const pipe = new OneClientPipe(asked => (asked.request[4] === 27 && ++binds > 1 ? undefined : echo(asked)));
  const client = new TestClient(pipe);
  await client.ask(bind(1));
  await new TestClient(pipe).ask(LIST);
  await t.throwsAsync(client.ask(LIST), {message: /does not accept again/});
});

test('sixteen session-binds are kept, and a seventeenth is refused', async t => {
  const pipe = new OneClientPipe(echo);
  const client = new TestClient(pipe);
  for (let number = 1; number <= 16; number++) t.deepEqual(await client.ask(bind(number)), SUCCESS);
  t.deepEqual(await client.ask(bind(17)), FAILURE);
  await new TestClient(pipe).ask(LIST);
  pipe.asked.length = 0;
  await client.ask(LIST);
  t.deepEqual(
    pipe.asked.map(({request}) => request[4]),
    [...Array(16).fill(27), 11],
  );
});
