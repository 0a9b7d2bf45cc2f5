import {randomBytes} from 'node:crypto';
import type net from 'node:net';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {INITIAL_CREDIT} from '../../shared/protocol/limits.ts';
import {echo, sshAgent} from './agents.ts';
import {
  extension,
  message,
  SESSION_BIND,
  startAgent,
  startRelay,
  tempFolder,
  until,
  useRelay,
} from './harness.ts';

const helper = useRelay(test);

const FAILURE = message(5);
const SUCCESS = message(6);
const LIST = message(11);

test('an idle client holds nobody’s place; the first whole request connects', async t => {
  const folder = await tempFolder(t);
  let connections = 0;
  await startAgent(t, path.join(folder, 'agent'), socket => {
    connections++;
    echo(socket);
  });
  const relay = helper();
  const idle = relay.open('ssh-agent', `pipe:${folder}/agent`);
  idle.send(LIST.subarray(0, 4));
  const other = relay.open('ssh-agent', `pipe:${folder}/agent`);
  t.deepEqual(await other.ask(LIST), message(12, LIST));
  t.is(connections, 1);
  t.is(idle.opened, undefined);
  t.is(other.opened?.target, 0);
  t.is(other.opened?.detail, path.join(folder, 'agent'));
  idle.send(LIST.subarray(4));
  t.deepEqual(await idle.bytes(10), message(12, LIST));
});

test('a client that asks nothing costs no connection, and ends', async t => {
  const relay = helper();
  const channel = relay.open('ssh-agent', 'pipe:/absent');
  channel.end();
  await channel.close();
  t.is(channel.failure, undefined);
});

test('requests arrive whole, in one piece and in order, however the client cuts them', async t => {
  const folder = await tempFolder(t);
  const pieces: Buffer[] = [];
  await startAgent(t, path.join(folder, 'agent'), socket => {
    socket.on('data', chunk => {
      pieces.push(chunk);
      socket.write(message(12, chunk));
    });
  });
  const relay = helper();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({maxLength: 300}), {minLength: 1, maxLength: 6}),
      fc.array(fc.integer({min: 1, max: 40}), {minLength: 1, maxLength: 20}),
      async (bodies, cuts) => {
        pieces.length = 0;
        const requests = bodies.map(body => message(13, body));
        const stream = Buffer.concat(requests);
        const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const cut = cuts[turn % cuts.length] ?? 1;
          channel.send(stream.subarray(at, at + cut));
          at += cut;
        }
        const answers = Buffer.concat(requests.map(request => message(12, request)));
        t.deepEqual(await channel.bytes(answers.length), answers);
        t.deepEqual(pieces, requests);
        channel.end();
        await channel.close();
      },
    ),
    {numRuns: 40},
  );
});

test('messages of 256 KiB pass both ways', async t => {
  const folder = await tempFolder(t);
  const answer = message(14, randomBytes(256 * 1024 - 1));
  const requests: Buffer[] = [];
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((request, socket) => {
      requests.push(request);
      socket.write(answer);
    }),
  );
  const relay = helper();
  const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
  const request = message(13, randomBytes(256 * 1024 - 1));
  for (let round = 0; round < 3; round++) t.true((await channel.ask(request)).equals(answer));
  t.true(requests.length === 3 && requests.every(seen => seen.equals(request)));
});

test('an answer that takes its time arrives although the client has half-closed', async t => {
  const folder = await tempFolder(t);
  let answerNow = (): void => {};
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((request, socket) => {
      answerNow = () => socket.write(message(12, request));
    }),
  );
  const relay = helper();
  const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
  channel.send(LIST);
  channel.end();
  const other = relay.open('ssh-agent', 'pipe:/absent');
  other.send(LIST);
  // Half a second at least has passed when this has failed.
  await other.failed();
  t.false(channel.ended);
  answerNow();
  t.deepEqual(await channel.bytes(10), message(12, LIST));
  await channel.close();
  t.is(channel.failure, undefined);
});

test('an agent that drops session-bind: a failure is the answer, and the next request goes through', async t => {
  const folder = await tempFolder(t);
  let connections = 0;
  await startAgent(t, path.join(folder, 'agent'), socket => {
    connections++;
    sshAgent((request, from) => {
      if (request[4] === 27) from.destroy();
      else from.write(message(12, request));
    })(socket);
  });
  const relay = helper();
  const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
  t.deepEqual(await channel.ask(SESSION_BIND), FAILURE);
  t.deepEqual(await channel.ask(LIST), message(12, LIST));
  t.is(connections, 2);
  t.deepEqual(await channel.ask(SESSION_BIND), FAILURE);
  t.deepEqual(await channel.ask(LIST), message(12, LIST));
  t.is(connections, 2, 'a second session-bind is not tried on it');
  t.deepEqual(await channel.ask(extension('query')), FAILURE);
  t.deepEqual(await channel.ask(LIST), message(12, LIST));
});

test('an accepted session-bind ties the client to that connection', async t => {
  const folder = await tempFolder(t);
  let closeAgent = (): void => {};
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((request, socket) => {
      closeAgent = () => socket.destroy();
      socket.write(request[4] === 27 ? SUCCESS : message(12, request));
    }),
  );
  const relay = helper();
  const bound = relay.open('ssh-agent', `pipe:${folder}/agent`);
  t.deepEqual(await bound.ask(SESSION_BIND), SUCCESS);
  closeAgent();
  const free = relay.open('ssh-agent', `pipe:${folder}/agent`);
  await free.ask(LIST);
  closeAgent();
  t.deepEqual(await free.ask(LIST), message(12, LIST), 'without a binding, another connection is as good');
  bound.send(LIST);
  const failure = await bound.failed();
  t.is(failure.reason, 'agentClosed');
  t.regex(failure.message, /bound/);
});

test('an agent that closes after each answer is connected anew', async t => {
  const folder = await tempFolder(t);
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((request, socket) => socket.end(message(12, request))),
  );
  const relay = helper();
  const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
  for (let round = 0; round < 30; round++) t.deepEqual(await channel.ask(LIST), message(12, LIST));
});

const closing: [string, (socket: net.Socket) => void, RegExp][] = [
  ['without an answer', socket => socket.destroy(), /without an answer/],
  ['in the middle of an answer', socket => socket.end(message(14, Buffer.alloc(9)).subarray(0, 7)), /middle/],
];
for (const [title, act, sentence] of closing)
  test(`an agent that closes ${title}: a failure, asked once, and the next request goes through`, async t => {
    const folder = await tempFolder(t);
    let signs = 0;
    await startAgent(
      t,
      path.join(folder, 'agent'),
      sshAgent((request, socket) => {
        if (request[4] === 11) socket.write(message(12, request));
        else {
          signs++;
          act(socket);
        }
      }),
    );
    const relay = helper();
    const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
    t.deepEqual(await channel.ask(message(13, Buffer.from('sign'))), FAILURE);
    t.deepEqual(await channel.ask(LIST), message(12, LIST));
    t.is(signs, 1, 'the agent may have done it');
    channel.end();
    const failure = await channel.failed();
    t.is(failure.reason, 'agentClosed');
    t.regex(failure.message, sentence);
    t.is(channel.received.length, 0, 'half an answer is not passed on');
  });

/** SSH_AGENTC_REQUEST_RSA_IDENTITIES, which ssh before 8.0 asks first, and a type that nobody has. */
for (const type of [1, 200])
  test(`an agent that closes on a request of type ${type} serves its client all the same`, async t => {
    const folder = await tempFolder(t);
    await startAgent(
      t,
      path.join(folder, 'agent'),
      sshAgent((request, socket) => {
        if (request[4] === type) socket.destroy();
        else socket.write(message(12, request));
      }),
    );
    const channel = helper().open('ssh-agent', `pipe:${folder}/agent`);
    for (let round = 0; round < 2; round++) {
      t.deepEqual(await channel.ask(message(type)), FAILURE);
      t.deepEqual(await channel.ask(LIST), message(12, LIST));
    }
    channel.end();
    await channel.close();
    t.is(channel.failure, undefined);
  });

test('where a session was bound, a request that is dropped is the end', async t => {
  const folder = await tempFolder(t);
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((request, socket) => {
      if (request[4] === 1) socket.destroy();
      else socket.write(SUCCESS);
    }),
  );
  const channel = helper().open('ssh-agent', `pipe:${folder}/agent`);
  t.deepEqual(await channel.ask(SESSION_BIND), SUCCESS);
  channel.send(message(1));
  t.is((await channel.failed()).reason, 'agentClosed');
});

test('an agent whose answer is too long for any client is an agent, and is told so', async t => {
  const folder = await tempFolder(t);
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((_request, socket) => socket.write(message(12, Buffer.alloc(400_000)))),
  );
  const channel = helper().open('ssh-agent', `pipe:${folder}/agent`);
  channel.send(LIST);
  const {reason, message: sentence, hint} = await channel.failed();
  t.is(reason, 'tooLong');
  t.regex(sentence, /^the agent's answer is longer than 262144 bytes/);
  t.is(hint, 'take keys out of the agent on windows');
});

const malformed: [string, Buffer][] = [
  ['of no bytes', Buffer.alloc(4)],
  ['of text', Buffer.from('HTTP')],
];
for (const [title, bytes] of malformed) {
  test(`a request ${title} fails its client`, async t => {
    const relay = helper();
    const channel = relay.open('ssh-agent', 'pipe:/agent');
    channel.send(bytes);
    t.is((await channel.failed()).reason, 'badRequest');
  });

  test(`an answer ${title} is no ssh agent’s`, async t => {
    const folder = await tempFolder(t);
    await startAgent(
      t,
      path.join(folder, 'agent'),
      sshAgent((_request, socket) => socket.write(bytes)),
    );
    const relay = helper();
    const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
    channel.send(LIST);
    t.is((await channel.failed()).reason, 'badGreeting');
  });
}

test('the relay’s reset closes the agent’s connection at once', async t => {
  const folder = await tempFolder(t);
  let open = 0;
  await startAgent(t, path.join(folder, 'agent'), socket => {
    open++;
    socket.on('data', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => open--);
  });
  const relay = helper();
  const channel = relay.open('ssh-agent', `pipe:${folder}/agent`);
  channel.send(LIST);
  await until(() => open === 1, 'the connection');
  channel.reset();
  await until(() => open === 0, 'its end');
  t.is(channel.failure, undefined);
});

test('targets are tried in order', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'second'), echo);
  await startAgent(t, path.join(folder, 'third'), echo);
  const relay = helper();
  const channel = relay.open(
    'ssh-agent',
    ...['first', 'second', 'third'].map(name => `pipe:${folder}/${name}`),
  );
  await channel.ask(LIST);
  t.is(channel.opened?.target, 1);
  t.is(channel.opened?.detail, path.join(folder, 'second'));
});

test('when none of several targets answers, each is named, and the most telling one speaks', async t => {
  const folder = await tempFolder(t);
  const relay = helper();
  const channel = relay.open('ssh-agent', 'pipe:/first', `assuan:${folder}`);
  channel.send(LIST);
  const failure = await channel.failed();
  t.is(failure.reason, 'badTarget');
  t.regex(
    failure.message,
    /^none of 2 targets answered \(pipe:\/first: pipe \/first does not exist; assuan:/,
  );
});

test('the absent pipe of OpenSSH is named, with the command that starts its agent', async t => {
  const folder = await tempFolder(t);
  const relay = startRelay(t, {WSLAGENT_PIPES: folder});
  const channel = relay.open('ssh-agent', 'pipe:openssh-ssh-agent');
  channel.send(LIST);
  t.deepEqual(await channel.failed(), {
    reason: 'absent',
    message: `pipe ${folder}/openssh-ssh-agent does not exist`,
    hint:
      'in an administrator PowerShell: Set-Service ssh-agent -StartupType Automatic; Start-Service ssh-agent' +
      ' (or switch on the SSH agent in 1Password, Bitwarden or KeeAgent)',
  });
});

test('a pipe that appears a moment later is not missed', async t => {
  const folder = await tempFolder(t);
  const relay = helper();
  const late = relay.open('ssh-agent', `pipe:${folder}/agent`);
  const asked = late.ask(LIST);
  // The helper is up and has tried once.
  const other = relay.open('ssh-agent', 'bogus:target');
  t.is((await other.failed()).reason, 'badTarget');
  await startAgent(t, path.join(folder, 'agent'), echo);
  t.deepEqual(await asked, message(12, LIST));
});

test('a client that does not read stops nobody else, and what the agent says is not hoarded', async t => {
  const folder = await tempFolder(t);
  const answer = message(14, Buffer.alloc(200_000, 1));
  let asked = 0;
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((_request, socket) => {
      asked++;
      socket.write(answer);
    }),
  );
  const relay = helper();
  const slow = relay.open('ssh-agent', `pipe:${folder}/agent`);
  slow.reading = false;
  for (let count = 0; count < 10; count++) slow.send(LIST);
  await slow.bytes(INITIAL_CREDIT);
  const quick = relay.open('ssh-agent', `pipe:${folder}/agent`);
  await quick.ask(LIST);
  t.true(asked <= 2 + INITIAL_CREDIT / answer.length, `${asked} requests were passed on`);
  slow.read();
  t.is((await slow.bytes(10 * answer.length)).length, 10 * answer.length);
});

test('an ssh agent that answers unasked is connected anew', async t => {
  const folder = await tempFolder(t);
  const twice = Buffer.concat([message(6), message(6)]);
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((_request, socket) => socket.write(twice)),
  );
  const channel = helper().open('ssh-agent', `pipe:${folder}/agent`);
  for (let round = 0; round < 3; round++) t.deepEqual(await channel.ask(LIST), message(6));
  t.is(channel.received.length, 0);
});
