import fs from 'node:fs/promises';
import type net from 'node:net';
import path from 'node:path';
import {Duplex} from 'node:stream';
import test from 'ava';
import {INITIAL_CREDIT} from '../../shared/protocol/limits.ts';
import {SshAgentLink} from '../../windows/sessions/ssh-agent-link.ts';
import {AssuanDouble, closedPort} from './agents.ts';
import {message, SESSION_BIND, startAgent, tempFolder, until, useRelay} from './harness.ts';

const helper = useRelay(test);

const LIST = message(11);
const GREETING = 'OK Pleased to meet you, process 4711\n';

test('the greeting comes first, and only after it is the channel opened', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  let greet = (): void => {};
  const double = await AssuanDouble.start(t, file, socket => {
    socket.write(GREETING.slice(0, 9));
    greet = () => socket.write(GREETING.slice(9));
    socket.on('data', chunk => socket.write(`OK you said ${chunk}`));
  });
  const channel = helper().open('assuan', `assuan:${file}`);
  channel.send(Buffer.from('NOP\n'));
  await until(() => double.first.length === 1, 'the connection');
  t.is(channel.opened, undefined);
  greet();
  const expected = `${GREETING}OK you said NOP\n`;
  t.is((await channel.bytes(expected.length)).toString(), expected);
  t.is(channel.opened?.detail, `${file} (port ${double.port})`);
});

test('comments may stand before the greeting, and an ERR is passed on', async t => {
  const folder = await tempFolder(t);
  for (const greeting of [
    '# Home: C:\\x\n# Config: [none]\nOK Dirmngr at your service\n',
    'ERR 67108949 no\n',
  ]) {
    const file = path.join(folder, `S.${greeting.length}`);
    await AssuanDouble.start(t, file, socket => socket.end(greeting));
    const channel = helper().open('assuan', `assuan:${file}`);
    t.is((await channel.bytes(greeting.length)).toString(), greeting);
    await until(() => channel.ended, 'the end');
  }
});

test('a socket file’s port on which somebody else listens', async t => {
  const folder = await tempFolder(t);
  const cases: [string, string, RegExp][] = [
    ['talks', '220 mail.example ESMTP\r\n', /it greets as none does$/],
    ['floods', 'O'.repeat(5000), /it greets as none does$/],
    ['long', `OK ${'x'.repeat(5000)}`, /more than 1000 bytes/],
  ];
  for (const [name, says, sentence] of cases) {
    const file = path.join(folder, name);
    await AssuanDouble.start(t, file, socket => {
      socket.write(says);
    });
    const channel = helper().open('assuan', `assuan:${file}`);
    const failure = await channel.failed();
    t.is(failure.reason, 'badGreeting', name);
    t.regex(failure.message, sentence);
    t.is(channel.opened, undefined);
  }
});

for (const protocol of ['assuan', 'ssh-agent'] as const)
  test(`the secret is in no message when who has the port says it back (${protocol})`, async t => {
    // as text it could be quoted, as a number and as bytes too
    const nonce = Buffer.from('Kd93jfSECRETnonc');
    const folder = await tempFolder(t);
    const server = await startAgent(t, {port: 0}, socket => socket.pipe(socket));
    const file = path.join(folder, 'S.gpg-agent');
    const {port} = server.address() as net.AddressInfo;
    await fs.writeFile(file, Buffer.concat([Buffer.from(`${port}\n`), nonce]));
    const channel = helper().open(protocol, `assuan:${file}`);
    if (protocol === 'ssh-agent') channel.send(message(11));
    const failure = await channel.failed();
    t.is(failure.reason, 'badGreeting');
    const said = JSON.stringify(failure).replaceAll(folder, '');
    for (let at = 0; at + 4 <= nonce.length; at++) {
      t.false(said.includes(nonce.toString('latin1', at, at + 4)), said);
      t.false(said.includes(String(nonce.readUInt32BE(at))), said);
    }
  });

test('a server that closes instead of greeting, as for a wrong nonce', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  const double = await AssuanDouble.start(t, file, socket => socket.write(GREETING));
  await fs.writeFile(file, Buffer.concat([Buffer.from(`${double.port}\n`), Buffer.alloc(16, 9)]));
  const failure = await helper().open('assuan', `assuan:${file}`).failed();
  t.is(failure.reason, 'agentClosed');
  t.regex(failure.message, /closed the connection instead of greeting$/);
});

test('300 KiB pass both ways at once, and each side’s end reaches the other', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  const heard: Buffer[] = [];
  const bulk = Buffer.alloc(300 * 1024, 'abcdefg');
  let clientEnded = false;
  await AssuanDouble.start(t, file, socket => {
    socket.write(GREETING);
    socket.write(bulk);
    socket.on('data', chunk => heard.push(chunk));
    socket.on('end', () => {
      clientEnded = true;
      socket.end('OK closing connection\n');
    });
  });
  const channel = helper().open('assuan', `assuan:${file}`);
  channel.send(bulk);
  channel.end();
  await channel.close();
  t.is(channel.failure, undefined);
  t.true(clientEnded);
  t.true(Buffer.concat(heard).equals(bulk));
  t.is(channel.received.toString('latin1'), `${GREETING}${bulk.toString('latin1')}OK closing connection\n`);
});

test('an agent that closes early ends the client, and what comes later is swallowed', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  await AssuanDouble.start(t, file, socket => socket.end(`${GREETING}OK closing connection\n`));
  const channel = helper().open('assuan', `assuan:${file}`);
  await until(() => channel.ended, 'the agent’s end');
  t.false(channel.closed);
  channel.end();
  await channel.close();
});

test('the file is read anew for every connection', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  const first = await AssuanDouble.start(t, file, socket => socket.write(GREETING));
  await helper().open('assuan', `assuan:${file}`).bytes(GREETING.length);
  const second = await AssuanDouble.start(t, file, socket => socket.write(GREETING));
  await helper().open('assuan', `assuan:${file}`).bytes(GREETING.length);
  t.is(first.first.length, 1);
  t.is(second.first.length, 1);
});

test('a file that is being written is waited for', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  const double = await AssuanDouble.start(t, file, socket => socket.write(GREETING));
  await fs.writeFile(file, double.content.subarray(0, 11));
  const channel = helper().open('assuan', `assuan:${file}`);
  await helper().open('raw', 'bogus:').failed();
  await fs.writeFile(file, double.content);
  await channel.bytes(GREETING.length);
  t.is(double.first.length, 1);
});

test('a stale port is refused with a hint', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  const port = await closedPort();
  await fs.writeFile(file, Buffer.concat([Buffer.from(`${port}\n`), Buffer.alloc(16, 1)]));
  const failure = await helper().open('assuan', `assuan:${file}`).failed();
  t.is(failure.reason, 'refused');
  t.is(failure.message, `port ${port} of socket file ${file} is closed: its agent has gone`);
  t.is(failure.hint, 'gpgconf.exe --launch gpg-agent');
});

test('files that are no socket files are refused, unchanged, and nothing of them is shown', async t => {
  const folder = await tempFolder(t);
  const cases: [string, string, RegExp][] = [
    ['secret', '-----BEGIN OPENSSH PRIVATE KEY-----\nabcdef\n', /no valid port|no port line/],
    ['long', `1234\n${'k'.repeat(60)}`, /longer than 49 bytes/],
    ['cut', '1234\nabcdefg', /nonce of 7 bytes instead of 16/],
    ['empty', '', /is empty/],
    ['zero', `0\n${'k'.repeat(16)}`, /no valid port/],
  ];
  for (const [name, content, sentence] of cases) {
    const file = path.join(folder, name);
    await fs.writeFile(file, content);
    const channel = helper().open('assuan', `assuan:${file}`);
    channel.send(Buffer.from('must not be written\n'));
    const failure = await channel.failed();
    t.is(failure.reason, 'badTarget', name);
    t.regex(failure.message, sentence);
    t.notRegex(failure.message, /BEGIN|abcdef|kkk/);
    t.is(await fs.readFile(file, 'utf8'), content);
  }
  const absent = await helper().open('assuan', `assuan:${folder}/nothing`).failed();
  t.is(absent.reason, 'absent');
  const directory = await helper().open('assuan', `assuan:${folder}`).failed();
  t.is(directory.reason, 'badTarget');
});

test('ssh through a socket file: nonce and request in one write, a connection for each request', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent.ssh');
  const double = await AssuanDouble.start(t, file, (socket, rest) => {
    // gpg-agent closes as soon as it would have to wait; this one just never listens again.
    socket.write(message(12, rest));
  });
  const channel = helper().open('ssh-agent', `assuan:${file}`);
  const sign = message(13, Buffer.alloc(3000, 's'));
  for (const request of [LIST, sign, sign, LIST]) {
    channel.send(request.subarray(0, 4));
    t.deepEqual(await channel.ask(request.subarray(4)), message(12, request));
  }
  t.deepEqual(double.first, [LIST, sign, sign, LIST]);
  t.is(channel.opened?.detail, `${file} (port ${double.port})`);
  channel.end();
  await channel.close();
});

test('on such a socket nobody is told that a session-bind will be kept', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent.ssh');
  await AssuanDouble.start(t, file, socket => socket.end(message(6)));
  const channel = helper().open('ssh-agent', `assuan:${file}`);
  t.deepEqual(await channel.ask(SESSION_BIND), message(5));
  t.deepEqual(await channel.ask(message(17, Buffer.from('key'))), message(6), 'other successes are true');
});

test('raw bytes need no greeting', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'any'), socket => {
    socket.on('data', chunk => socket.write(chunk));
    socket.on('end', () => socket.end('bye'));
  });
  const channel = helper().open('raw', `pipe:${folder}/any`);
  await until(() => channel.opened, 'the connection, before the client has said anything');
  channel.send(Buffer.from('hello '));
  channel.end();
  await channel.close();
  t.is(channel.received.toString(), 'hello bye');
});

test('a slow client holds back the agent, and loses nothing', async t => {
  const folder = await tempFolder(t);
  const bulk = Buffer.alloc(4 * 1024 * 1024, '0123456789abcde\n');
  let written = false;
  await startAgent(t, path.join(folder, 'any'), socket => {
    socket.end(bulk, () => {
      written = true;
    });
  });
  const channel = helper().open('raw', `pipe:${folder}/any`);
  channel.reading = false;
  await channel.bytes(INITIAL_CREDIT);
  const other = helper().open('ssh-agent', `pipe:${folder}/absent`);
  other.send(LIST);
  await other.failed();
  t.is(channel.received.length, INITIAL_CREDIT, 'no more than the credit came');
  t.false(written, 'the agent was not read on');
  channel.read();
  t.true((await channel.bytes(bulk.length)).equals(bulk));
});

test('a slow agent holds back the client, and loses nothing', async t => {
  const folder = await tempFolder(t);
  const bulk = Buffer.alloc(4 * 1024 * 1024, '0123456789abcde\n');
  const heard: Buffer[] = [];
  let listen = (): void => {};
  await startAgent(t, path.join(folder, 'any'), socket => {
    socket.pause();
    listen = () => socket.resume();
    socket.on('data', chunk => heard.push(chunk));
    socket.on('end', () => socket.end());
  });
  const channel = helper().open('raw', `pipe:${folder}/any`);
  channel.send(bulk);
  channel.end();
  const other = helper().open('ssh-agent', `pipe:${folder}/absent`);
  other.send(LIST);
  await other.failed();
  t.false(channel.flowing, 'the client is held back');
  listen();
  await channel.close();
  t.true(Buffer.concat(heard).equals(bulk));
});

test('nonce and request are one write, and later requests of the connection have no nonce', async t => {
  const writes: string[] = [];
  const stream = new Duplex({
    read: () => {},
    write: (chunk, _encoding, done) => {
      writes.push(chunk.toString('latin1'));
      stream.push(message(6));
      done();
    },
  });
  const connection = {stream, detail: '', halfCloses: true, preamble: Buffer.from('nonce')};
  const link = new SshAgentLink(connection, () => {});
  t.deepEqual(await link.ask(LIST), new Uint8Array(message(6)));
  t.deepEqual(await link.ask(LIST), new Uint8Array(message(6)));
  t.deepEqual(writes, [`nonce${LIST.toString('latin1')}`, LIST.toString('latin1')]);
  link.destroy();
});

test('what the client sent is delivered also when both sides have ended before', async t => {
  const folder = await tempFolder(t);
  // More than the kernel takes for a reader that sleeps, less than that and the channel's credit.
  const bulk = Buffer.alloc(448 * 1024, '0123456789abcde\n');
  const heard: Buffer[] = [];
  let listen = (): void => {};
  let over = false;
  await startAgent(t, path.join(folder, 'any'), socket => {
    socket.end('bye');
    socket.pause();
    listen = () => socket.resume();
    socket.on('data', chunk => heard.push(chunk));
    socket.on('end', () => {
      over = true;
    });
  });
  const channel = helper().open('raw', `pipe:${folder}/any`);
  channel.send(bulk);
  channel.end();
  await channel.close();
  t.is(channel.failure, undefined);
  listen();
  await until(() => over, 'the end at the agent');
  t.true(Buffer.concat(heard).equals(bulk));
});
