import {Duplex} from 'node:stream';
import test from 'ava';
import {FailureError} from '../../shared/failure.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import type {Target} from '../../shared/target.ts';
import {openTarget} from '../../windows/npiperelay/open.ts';
import {requestStream} from '../../windows/npiperelay/requests.ts';
import type {AgentConnection} from '../../windows/targets/connection.ts';
import {echo} from './agents.ts';
import {message, startAgent, tempFolder, until} from './harness.ts';

/** An agent in this process that answers each request with a message of type 12 that holds it. */
class Agent extends Duplex {
  requests = 0;
  readonly #splitter = new MessageSplitter();

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const request of this.#splitter.push(chunk)) {
      this.requests++;
      this.push(message(12, request));
    }
    done();
  }
}

/** With a turn the connection is given up a little after each answer. */
function connectionTo(agent: Agent, turn?: AgentConnection['turn']): AgentConnection {
  return {stream: agent, detail: '', halfCloses: false, ...(turn && {turn})};
}

const ABSENT: Target = {kind: 'pipe', path: '/nobody/here'};
const LIST = message(11);

async function collected(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test('requests come whole, through the connection that is there, and every answer comes before the end', async t => {
  const agent = new Agent();
  const stream = requestStream(ABSENT, connectionTo(agent));
  const requests = Buffer.concat([LIST, message(13, Buffer.from('sign'))]);
  for (const byte of requests) stream.write(Buffer.from([byte]));
  stream.end();
  const expected = [LIST, message(13, Buffer.from('sign'))].map(request => message(12, request));
  t.deepEqual(await collected(stream), Buffer.concat(expected));
  t.is(agent.requests, 2);
  t.true(agent.destroyed);
});

test('a client that asks nothing keeps nobody’s place, and is connected anew when it does', async t => {
  const agent = new Agent();
  const path = `${await tempFolder(t)}/agent`;
  await startAgent(t, path, echo);
  const stream = requestStream({kind: 'pipe', path}, connectionTo(agent));
  await until(() => agent.destroyed, 'the place to be given up');
  stream.end(LIST);
  t.deepEqual(await collected(stream), message(12, LIST));
  t.is(agent.requests, 0);
});

test('a stream that is destroyed lets go of what it was given', t => {
  const agent = new Agent();
  requestStream(ABSENT, connectionTo(agent)).destroy();
  t.true(agent.destroyed);
});

test('an agent that is not there fails the stream', async t => {
  const stream = requestStream(ABSENT);
  stream.write(LIST);
  await t.throwsAsync(collected(stream), {instanceOf: FailureError, message: /does not exist/});
});

const TURNS: [string, boolean, boolean][] = [
  ['//./pipe/openssh-ssh-agent', true, true],
  ['\\\\.\\pipe\\OpenSSH-ssh-agent', true, true],
  ['//./pipe/openssh-ssh-agent', false, false],
  ['//./pipe/serial', true, false],
];
for (const [text, servesOne, framed] of TURNS)
  test(`${text}, serving one client at a time: ${servesOne}, is ${framed ? 'asked' : 'copied'}`, async t => {
    const agent = new Agent();
    const connection = connectionTo(agent, servesOne ? {wanted: () => false} : undefined);
    const opened = await openTarget(
      text,
      new Set(),
      () => {},
      async () => ({index: 0, elapsed: 0, connection}),
    );
    if (!('stream' in opened)) throw new Error(opened.fatal);
    t.is(opened.stream === agent, !framed);
    t.is(opened.halfCloses, framed);
    opened.stream.destroy();
    t.true(agent.destroyed);
  });
