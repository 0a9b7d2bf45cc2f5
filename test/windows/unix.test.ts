import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import type {FailureReason} from '../../shared/failure.ts';
import type {ProbeReport} from '../../shared/probe.ts';
import {unixAddress} from '../../windows/targets/unix-of-windows.ts';
import {echo, sshAgent} from './agents.ts';
import {message, outcome, startAgent, startHelper, tempFolder, useRelay} from './harness.ts';

const helper = useRelay(test);

const LIST = message(11);

test('an ssh agent on a socket of Linux: one lasting connection', async t => {
  const file = path.join(await tempFolder(t), 'agent sock');
  let connections = 0;
  await startAgent(t, file, socket => {
    connections++;
    echo(socket);
  });
  const channel = helper().open('ssh-agent', `unix:${file}`);
  for (const request of [LIST, message(13, Buffer.alloc(3000, 's'))])
    t.deepEqual(await channel.ask(request), message(12, request));
  t.is(channel.opened?.detail, file);
  t.is(connections, 1);
});

test('bytes go both ways, and each end is told', async t => {
  const folder = await tempFolder(t);
  const bulk = Buffer.alloc(300 * 1024, '0123456789abcde\n');
  const greeting = 'OK Pleased to meet you\n';
  for (const protocol of ['raw', 'assuan'] as const) {
    const heard: Buffer[] = [];
    const file = path.join(folder, protocol);
    await startAgent(t, file, socket => {
      socket.write(greeting);
      socket.on('data', chunk => heard.push(chunk));
      socket.on('end', () => socket.end('bye'));
    });
    const channel = helper().open(protocol, `unix:${file}`);
    channel.send(bulk);
    channel.end();
    await channel.close();
    t.is(channel.received.toString(), `${greeting}bye`);
    t.true(Buffer.concat(heard).equals(bulk));
  }
});

test('what is no socket, and who is not there', async t => {
  const folder = await tempFolder(t);
  await fs.writeFile(path.join(folder, 'file'), '!<socket >51234 s 0');
  // the file of a server that was killed stays
  const server = await startAgent(t, path.join(folder, 'alive'), () => {});
  await fs.rename(path.join(folder, 'alive'), path.join(folder, 'dead'));
  await new Promise(resolve => server.close(resolve));
  const cases: [string, FailureReason, RegExp, RegExp][] = [
    ['none', 'absent', /^socket \S+\/none does not exist$/, /wslagent probe$/],
    ['none/there', 'absent', /^socket \S+\/there does not exist$/, /wslagent probe$/],
    ['file', 'badTarget', /\/file is no AF_UNIX socket$/, /write cygwin: in place of unix:/],
    ['.', 'badTarget', / is no AF_UNIX socket$/, /write cygwin:/],
    ['dead', 'refused', /^nobody listens on socket \S+\/dead: its agent has gone$/, /start the agent again/],
  ];
  for (const [name, reason, says, hint] of cases) {
    const failure = await helper().open('raw', `unix:${folder}/${name}`).failed();
    t.is(failure.reason, reason, name);
    t.regex(failure.message, says);
    t.regex(failure.hint ?? '', hint);
  }
});

test('the probe says who answers, and who does not', async t => {
  const folder = await tempFolder(t);
  const keys = message(12, Buffer.from([0, 0, 0, 2]));
  await startAgent(
    t,
    path.join(folder, 'keys'),
    sshAgent((_request, socket) => socket.write(keys)),
  );
  await startAgent(t, path.join(folder, 'mute'), () => {});
  const args = ['keys', 'mute', 'none'].flatMap(name => ['--target', `unix:${folder}/${name}`]);
  const {code, stdout, stderr} = await outcome(startHelper(t, ['probe', ...args], {PATH: folder}));
  t.is(code, 0, stderr);
  const {agents}: ProbeReport = JSON.parse(stdout.toString());
  t.deepEqual(
    agents.map(({state, keys: count}) => [state, count]),
    [
      ['answers', 2],
      ['silent', undefined],
      ['absent', undefined],
    ],
  );
});

test('an address of Winsock: family, path in UTF-8, NUL; too long is none', t => {
  const address = Buffer.from(unixAddress('C:\\Users\\Jürgen\\a.sock') ?? []);
  t.is(address.length, 110);
  t.is(address.readUInt16LE(0), 1);
  t.is(address.subarray(2).toString().replace(/\0+$/, ''), 'C:\\Users\\Jürgen\\a.sock');
  t.is(unixAddress('x'.repeat(107))?.at(-1), 0);
  t.is(unixAddress('x'.repeat(108)), undefined);
  t.is(unixAddress('ü'.repeat(54)), undefined);
});
