import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {listens} from '../listens.ts';
import {AssuanDouble, echo, sshAgent} from './agents.ts';
import {
  MAIN,
  message,
  outcome,
  startAgent,
  startHelper,
  type Teardown,
  tempFolder,
  until,
} from './harness.ts';

const exec = promisify(execFile);
const LIST = message(11);

/** OpenSSH's own agent on a Unix socket. */
async function realAgent(t: Teardown, socket: string): Promise<void> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'});
  t.teardown(() => agent.kill());
  await until(() => listens(socket), 'ssh-agent');
}

/**
 * A socket that starts a helper for each connection, with the connection as its stdin and stdout, as a systemd
 * unit with Accept=yes does. Exit codes are collected.
 */
async function acceptYes(t: Teardown, listen: string, args: string[]): Promise<(number | null)[]> {
  const codes: (number | null)[] = [];
  const server = net.createServer({pauseOnConnect: true, allowHalfOpen: true}, socket => {
    const child = spawn(process.execPath, [MAIN, ...args], {stdio: [socket, socket, 'inherit']});
    t.teardown(() => child.kill('SIGKILL'));
    child.once('exit', code => {
      codes.push(code);
      socket.destroy();
    });
  });
  server.listen(listen);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return codes;
}

test.serial('ssh-add and ssh-keygen through one helper per connection', async t => {
  const folder = await tempFolder(t);
  await realAgent(t, path.join(folder, 'agent'));
  const codes = await acceptYes(t, path.join(folder, 'listen'), [
    'connect',
    '--target',
    `pipe:${folder}/agent`,
  ]);
  const env = {...process.env, SSH_AUTH_SOCK: path.join(folder, 'listen')};
  const key = path.join(folder, 'key');
  await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada@example', '-f', key]);
  await exec('ssh-add', ['-q', key], {env});
  t.regex((await exec('ssh-add', ['-l'], {env})).stdout, /ada@example \(ED25519\)/);
  await fs.rm(key);
  const text = path.join(folder, 'text');
  await fs.writeFile(text, 'what is signed');
  await exec('ssh-keygen', ['-Y', 'sign', '-q', '-n', 'file', '-f', `${key}.pub`, text], {env});
  t.regex(await fs.readFile(`${text}.sig`, 'utf8'), /BEGIN SSH SIGNATURE/);
  await exec('ssh-add', ['-q', '-d', `${key}.pub`], {env});
  const left = await t.throwsAsync<Error & {stdout: string}>(exec('ssh-add', ['-l'], {env}));
  t.is(left.stdout, 'The agent has no identities.\n');
  await until(() => codes.length === 5, 'five helpers');
  t.deepEqual(codes, [0, 0, 0, 0, 0]);
});

test.serial('an agent that closes ends the helper although the client stays', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'any'), socket => socket.end('bye'));
  const child = startHelper(t, ['connect', '--protocol=raw', '--target', `pipe:${folder}/any`]);
  const {code, stdout, stderr} = await outcome(child);
  t.is(code, 0);
  t.is(stdout.toString(), 'bye');
  t.is(stderr, '');
});

test.serial('a client that half-closes gets its answers before the helper leaves', async t => {
  const folder = await tempFolder(t);
  await startAgent(
    t,
    path.join(folder, 'agent'),
    sshAgent((request, socket) => setTimeout(() => socket.write(message(12, request)), 300)),
  );
  const child = startHelper(t, ['connect', '--target', `pipe:${folder}/agent`]);
  child.stdin.end(Buffer.concat([LIST, LIST]));
  const {code, stdout} = await outcome(child);
  t.is(code, 0);
  t.deepEqual(stdout, Buffer.concat([message(12, LIST), message(12, LIST)]));
});

test.serial('much in both directions, against a slow reader', async t => {
  const folder = await tempFolder(t);
  const bulk = Buffer.alloc(3 * 1024 * 1024, '0123456789abcde\n');
  await startAgent(t, path.join(folder, 'any'), socket => {
    socket.on('data', chunk => {
      if (!socket.write(chunk)) socket.pause();
    });
    socket.on('drain', () => socket.resume());
    socket.on('end', () => socket.end());
  });
  const child = startHelper(t, ['connect', '--protocol', 'raw', '--target', `pipe:${folder}/any`]);
  child.stdin.end(bulk);
  const {code, stdout} = await outcome(child);
  t.is(code, 0);
  t.true(stdout.equals(bulk));
});

test.serial('assuan: the greeting, an answer, and the agent’s end', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  await AssuanDouble.start(t, file, socket => {
    socket.write('OK Pleased to meet you\n');
    socket.on('end', () => socket.end('OK closing connection\n'));
  });
  const child = startHelper(t, ['connect', '--protocol', 'assuan', '--target', `assuan:${file}`]);
  child.stdin.end();
  const {code, stdout} = await outcome(child);
  t.is(code, 0);
  t.is(stdout.toString(), 'OK Pleased to meet you\nOK closing connection\n');
});

const failing: [string, Uint8Array, RegExp][] = [
  ['ssh-agent', message(5), /^$/],
  ['assuan', Buffer.alloc(0), /^ERR 67108941 No agent <wslagent: pipe \/absent does not exist>\n$/],
  ['raw', Buffer.alloc(0), /^$/],
];
for (const [protocol, answer, line] of failing)
  test.serial(`an absent agent is told in ${protocol}, and on stderr`, async t => {
    const child = startHelper(t, ['connect', '--protocol', protocol, '--target', 'pipe:/absent']);
    child.stdin.write(LIST);
    const {code, stdout, stderr} = await outcome(child);
    t.is(code, 69);
    if (answer.length > 0) t.deepEqual(stdout, Buffer.from(answer));
    else t.regex(stdout.toString(), line);
    t.is(
      stderr,
      'wslagent-helper: error: pipe /absent does not exist\n' +
        'wslagent-helper: hint: start the agent that owns the pipe\nwslagent-helper: hint: wslagent probe\n',
    );
  });

test.serial('a client whose bytes are no requests', async t => {
  const child = startHelper(t, ['connect', '--target', 'pipe:/absent']);
  child.stdin.write('GET / HTTP/1.1\r\n\r\n');
  const {code, stdout, stderr} = await outcome(child);
  t.is(code, 1);
  t.deepEqual(stdout, message(5));
  t.regex(stderr, /^wslagent-helper: error: the client sent no ssh-agent request/);
});

test.serial('the client goes away: so does the agent’s connection', async t => {
  const folder = await tempFolder(t);
  let state = 'none';
  await startAgent(t, path.join(folder, 'any'), socket => {
    state = 'open';
    const timer = setInterval(() => socket.write('tick'), 10);
    socket.on('close', () => {
      clearInterval(timer);
      state = 'closed';
    });
  });
  const child = startHelper(t, ['connect', '--protocol', 'raw', '--target', `pipe:${folder}/any`]);
  await until(() => state === 'open', 'the connection');
  child.stdout.destroy();
  await until(() => state === 'closed', 'its end');
  await until(() => child.exitCode !== null, 'the helper’s end');
  t.is(child.exitCode, 0);
});

test.serial('one socket for both directions, as socat’s nofork and systemd give it', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'agent'), echo);
  const codes = await acceptYes(t, path.join(folder, 'listen'), [
    'connect',
    '--target',
    `pipe:${folder}/agent`,
  ]);
  const bulk = message(13, Buffer.alloc(200_000, 'x'));
  const client = net.connect(path.join(folder, 'listen'));
  const received: Buffer[] = [];
  client.on('data', chunk => received.push(chunk));
  client.write(bulk);
  client.end(LIST);
  await once(client, 'close');
  t.true(Buffer.concat(received).equals(Buffer.concat([message(12, bulk), message(12, LIST)])));
  await until(() => codes.length === 1, 'the helper’s end');
  t.deepEqual(codes, [0]);
});

test.serial('much through one non-blocking socket, which is full most of the time', async t => {
  const folder = await tempFolder(t);
  const bulk = Buffer.alloc(4 * 1024 * 1024, '0123456789abcde\n');
  await startAgent(t, path.join(folder, 'any'), socket => {
    socket.end(bulk);
    socket.resume();
  });
  const codes = await acceptYes(t, path.join(folder, 'listen'), [
    ...['connect', '--protocol', 'raw'],
    ...['--target', `pipe:${folder}/any`],
  ]);
  const client = net.connect(path.join(folder, 'listen'));
  client.pause();
  const received: Buffer[] = [];
  client.on('data', chunk => {
    received.push(chunk);
    // A breath after each chunk, so that the helper's writes meet a full socket.
    client.pause();
    setImmediate(() => client.resume());
  });
  await until(() => client.readyState === 'open', 'the connection');
  client.resume();
  await once(client, 'close');
  t.true(Buffer.concat(received).equals(bulk));
  await until(() => codes.length === 1, 'the helper’s end');
  t.deepEqual(codes, [0]);
});

test.serial('a server that ends first still gets what was read for it', async t => {
  const folder = await tempFolder(t);
  let connection: net.Socket | undefined;
  await startAgent(t, path.join(folder, 'any'), socket => {
    connection = socket;
  });
  const child = startHelper(t, ['connect', '--protocol', 'raw', '--target', `pipe:${folder}/any`]);
  const server = await until(() => connection, 'the connection');
  // more than a Unix socket holds, and less than what waits before stdin is read no more
  const bytes = Buffer.alloc(400_000, 'words ');
  await new Promise(resolve => child.stdin.write(bytes, resolve));
  await until(() => child.stdin.writableLength === 0, 'the helper to take them');
  server.end('bye');
  t.is((await once(child.stdout, 'data')).toString(), 'bye');
  let received = 0;
  server.on('data', chunk => {
    received += chunk.length;
  });
  await once(server, 'end');
  // stdin's pipe, which nobody reads any more, holds 64 KiB
  t.true(received >= bytes.length - 65_536, `${received} bytes`);
  await until(() => child.exitCode !== null, 'the helper’s end');
  t.is(child.exitCode, 0);
});
