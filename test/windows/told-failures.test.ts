import {Duplex} from 'node:stream';
import test from 'ava';
import {type Failure, FailureError} from '../../shared/failure.ts';
import {SshAgentSession} from '../../windows/sessions/ssh-agent.ts';
import {extension, message, until} from './harness.ts';

const TOLD: Failure = {
  reason: 'tooLong',
  message: 'a request of 16385 bytes is too long',
  hint: 'use its pipe',
};

/** A session with an agent whose connections fail, each with the same reason, as Pageant's window does. */
function failing() {
  const answers: Uint8Array[] = [];
  let over: Failure | 'ended' | undefined;
  const session = new SshAgentSession(
    {
      opened: () => {},
      data: bytes => answers.push(bytes) > 0,
      end: () => {
        over = 'ended';
      },
      consumed: () => {},
      fail: failure => {
        over = failure;
      },
    },
    [],
    async () => ({
      index: 0,
      elapsed: 0,
      connection: {
        stream: new Duplex({read() {}, write: (_chunk, _encoding, done) => done(new FailureError(TOLD))}),
        detail: 'a window',
        halfCloses: false,
        oneRequest: true,
      },
    }),
  );
  return {session, answers, over: () => over};
}

for (const [what, request, end] of [
  ['a request that nobody knows', message(200), TOLD],
  ['a list', message(11), TOLD],
  ['an extension, which an agent need not know', extension('query'), 'ended'],
] as const)
  test(`why a connection failed is told when the client ends, after ${what}`, async t => {
    const {session, answers, over} = failing();
    session.data(request);
    await until(() => answers.length === 1, 'the answer');
    t.deepEqual(Buffer.from(answers[0] ?? []), message(5));
    t.is(over(), undefined);
    session.end();
    t.deepEqual(over(), end);
  });
