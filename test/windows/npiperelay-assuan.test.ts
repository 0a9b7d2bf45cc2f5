import fs from 'node:fs/promises';
import type net from 'node:net';
import path from 'node:path';
import test from 'ava';
import {CygwinDouble} from '../fixtures/cygwin-double.ts';
import {AssuanDouble, closedPort, sshAgent} from './agents.ts';
import {message, type Outcome, outcome, startAgent, startHelper, tempFolder, until} from './harness.ts';
import {logged} from './npiperelay-log.ts';

// Points of docs/npiperelay.md for -a: 2, 3, 4 (TCP), 5, 6, 8, 9 and 13.

const GREETING = 'OK Pleased to meet you, process 4711\n';

async function socketFile(t: Parameters<typeof tempFolder>[0], name = 'S.gpg-agent'): Promise<string> {
  return path.join(await tempFolder(t), name);
}

/** Nothing of a nonce: neither its bytes nor their digits in the ways in which people print them. */
function tellsNonce({stderr, stdout}: Outcome, nonce: Buffer): boolean {
  const [bytes, hex] = [nonce.toString('latin1'), nonce.toString('hex')];
  const words = [bytes, hex, hex.toUpperCase(), nonce.toString('base64'), [...nonce].join(' ')];
  const said = [stderr, stdout.toString('latin1')];
  return words.some(word => said.some(text => text.includes(word)));
}

test.serial('points 2 and 13: the verbose lines of -a, without the nonce', async t => {
  const file = await socketFile(t);
  const double = await AssuanDouble.start(t, file, socket => {
    socket.write(GREETING);
    socket.on('data', chunk => socket.end(`OK you said ${chunk}`));
  });
  const child = startHelper(t, ['-v', '-ep', '-ei', '-s', '-a', file]);
  child.stdin.write('NOP\n');
  const result = await outcome(child);
  t.is(result.code, 0);
  t.is(result.stdout.toString(), `${GREETING}OK you said NOP\n`);
  t.deepEqual(logged(t, result), [
    `connecting to ${file}`,
    `Port: ${double.port}, Nonce: <redacted>`,
    'connected',
    'copy from pipe to stdout finished',
  ]);
  t.false(tellsNonce(result, double.nonce));
});

test.serial('points 4 and 5: stdin’s end reaches the agent, and a late answer the client', async t => {
  const file = await socketFile(t);
  await AssuanDouble.start(t, file, socket => {
    socket.write(GREETING);
    const heard: Buffer[] = [];
    socket.on('data', chunk => heard.push(chunk));
    socket.on('end', () => setTimeout(() => socket.end(`OK ${Buffer.concat(heard)}`), 400));
  });
  for (const flags of [['-a'], ['-s', '-a'], ['-ep', '-a']]) {
    const child = startHelper(t, [...flags, file]);
    child.stdin.end('BYE\n');
    const {code, stdout} = await outcome(child);
    t.is(code, 0);
    t.is(stdout.toString(), `${GREETING}OK BYE\n`);
  }
});

test.serial('point 4: -ep ends at the agent’s end; without it stdin is still copied', async t => {
  const file = await socketFile(t);
  const heard: Buffer[] = [];
  await AssuanDouble.start(t, file, socket => {
    socket.on('data', chunk => heard.push(chunk));
    socket.end(GREETING);
  });
  const short = await outcome(startHelper(t, ['-ep', '-v', '-a', file]));
  t.is(short.code, 0);
  t.is(short.stdout.toString(), GREETING);
  t.is(logged(t, short).at(-1), 'copy from pipe to stdout finished');

  const child = startHelper(t, ['-a', file]);
  const ended = outcome(child);
  await until(() => child.stdout.readableEnded || child.stdout.readableLength > 0, 'the agent’s end');
  child.stdin.end('more');
  const {code, stdout} = await ended;
  t.is(code, 0);
  t.is(stdout.toString(), GREETING);
  await until(() => Buffer.concat(heard).toString() === 'more', 'what was copied afterwards');
});

test.serial('point 4: no loop when the agent has ended and the client has not', async t => {
  const file = await socketFile(t);
  await AssuanDouble.start(t, file, socket => socket.end(GREETING));
  const child = startHelper(t, ['-v', '-a', file]);
  let said = '';
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  await until(() => said.includes('copy from pipe to stdout finished'), 'the agent’s end');
  // What the process used so far, in hundredths of a second: utime and stime of proc_pid_stat(5).
  const used = async (): Promise<number> => {
    const stat = (await fs.readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return Number(stat[11]) + Number(stat[12]);
  };
  const before = await used();
  await new Promise(resolve => setTimeout(resolve, 1500));
  t.true((await used()) - before < 40, 'a loop would have used 150');
  child.stdin.end();
  t.is((await outcome(child)).code, 0);
});

test.serial('point 6: a megabyte both ways at once', async t => {
  const file = await socketFile(t);
  const bulk = Buffer.alloc(1024 * 1024, '0123456789abcde\n');
  const heard: Buffer[] = [];
  await AssuanDouble.start(t, file, socket => {
    socket.write(GREETING);
    socket.write(bulk);
    socket.on('data', chunk => heard.push(chunk));
    socket.on('end', () => socket.end());
  });
  const child = startHelper(t, ['-a', file]);
  child.stdin.end(bulk);
  const {code, stdout} = await outcome(child);
  t.is(code, 0);
  t.true(stdout.subarray(GREETING.length).equals(bulk));
  t.true(Buffer.concat(heard).equals(bulk));
});

const secret = Buffer.alloc(16, 'nonce');
const BAD_FILES: [string, Buffer, RegExp][] = [
  ['empty', Buffer.alloc(0), /is empty/],
  ['truncated', Buffer.concat([Buffer.from('50123\n'), secret.subarray(0, 9)]), /nonce of 9 bytes/],
  ['without a nonce', Buffer.from('50123\n'), /nonce of 0 bytes/],
  ['oversized', Buffer.alloc(4096, 'x'), /longer than/],
  ['garbage', Buffer.from([0xff, 0xfe, 0, 1, 2, 0x0a, 0x80, 0x81, 0x0d, 0x0a]), /names no valid port/],
  ['with a port too high', Buffer.concat([Buffer.from('70000\n'), secret]), /names no valid port/],
  ['with a negative port', Buffer.concat([Buffer.from('-1\n'), secret]), /names no valid port/],
];
for (const [title, content, reason] of BAD_FILES)
  test.serial(`point 8: a socket file that is ${title}`, async t => {
    const file = await socketFile(t);
    await fs.writeFile(file, content);
    const result = await outcome(startHelper(t, ['-ep', '-ei', '-s', '-a', file]));
    t.is(result.code, 1);
    t.is(result.stdout.length, 0);
    const [line = '', ...more] = logged(t, result);
    t.deepEqual(more, []);
    t.true(line.startsWith(`open ${file}: `), line);
    t.regex(line, reason);
    t.false(tellsNonce(result, secret));
    t.deepEqual(await fs.readFile(file), content);
  });

test.serial('point 8: a socket file that is absent, in an absent folder, or a folder', async t => {
  const folder = await tempFolder(t);
  const cases: [string, RegExp][] = [
    [path.join(folder, 'absent'), /: The system cannot find the file specified\.$/],
    [path.join(folder, 'no', 'folder'), /: The system cannot find the path specified\.$/],
    [folder, /: socket file .* is no file that can be read/],
  ];
  for (const [file, line] of cases) {
    const result = await outcome(startHelper(t, ['-a', file]));
    t.is(result.code, 1);
    t.regex(logged(t, result)[0] ?? '', line);
  }
});

test.serial('point 8: a stale port', async t => {
  const file = await socketFile(t);
  const port = await closedPort();
  await fs.writeFile(file, Buffer.concat([Buffer.from(`${port}\n`), secret]));
  const result = await outcome(startHelper(t, ['-v', '-l', '-a', file]));
  t.is(result.code, 1);
  const lines = logged(t, result);
  t.deepEqual(lines.slice(0, 2), [`connecting to ${file}`, `Port: ${port}, Nonce: <redacted>`]);
  t.regex(
    lines[2] ?? '',
    /^ConnectEx: No connection could be made because the target machine actively refused it\. \(port \d+ of/,
  );
  t.false(tellsNonce(result, secret));
});

test.serial('point 8: a port that another program holds now', async t => {
  const folder = await tempFolder(t);
  const cases: [string, (socket: net.Socket) => void, RegExp][] = [
    ['mail', socket => socket.write('220 mail.example ESMTP\r\n'), /it greets as none does$/],
    ['closes', socket => socket.end(), /closed the connection instead of greeting/],
    ['silent', () => {}, /did not greet within 10 s/],
  ];
  for (const [name, serve, reason] of cases) {
    const server = await startAgent(t, {port: 0}, serve);
    const file = path.join(folder, name);
    const {port} = server.address() as net.AddressInfo;
    await fs.writeFile(file, Buffer.concat([Buffer.from(`${port}\n`), secret]));
    const result = await outcome(startHelper(t, ['-a', file]));
    t.is(result.code, 1, name);
    t.is(result.stdout.length, 0);
    t.regex(logged(t, result)[0] ?? '', reason);
    t.false(tellsNonce(result, secret));
  }
});

for (const variant of ['cygwin', 'assuan'] as const)
  test.serial(`point 8: a socket file of Cygwin's format (${variant})`, async t => {
    const file = await socketFile(t);
    const double = await CygwinDouble.start({
      variant,
      file,
      serve: socket => socket.end(GREETING),
    });
    t.teardown(() => double.close());
    const target = variant === 'assuan' ? ['-a', file] : [`cygwin:${file}`];
    const result = await outcome(startHelper(t, ['-v', '-ep', ...target]));
    t.is(result.code, 0, result.stderr);
    t.is(result.stdout.toString(), GREETING);
    t.true(result.stderr.includes(`Port: ${double.port}, Nonce: <redacted>`));
    t.deepEqual(double.violations, []);
    t.false(tellsNonce(result, double.secret));
  });

test.serial('point 9: twenty open one socket file at once', async t => {
  const file = await socketFile(t);
  await AssuanDouble.start(t, file, socket => {
    socket.write(GREETING);
    socket.on('data', chunk => socket.end(`OK ${chunk}`));
  });
  const children = Array.from({length: 20}, (_, index) => {
    const child = startHelper(t, ['-ep', '-a', file]);
    child.stdin.write(`NOP ${index}\n`);
    return outcome(child);
  });
  for (const [index, {code, stdout, stderr}] of (await Promise.all(children)).entries()) {
    t.is(code, 0, stderr);
    t.is(stdout.toString(), `${GREETING}OK NOP ${index}\n`);
  }
});

test.serial('point 3: -p reads the file anew each time, until the agent that it names is there', async t => {
  const file = await socketFile(t);
  const port = await closedPort();
  await fs.writeFile(file, Buffer.concat([Buffer.from(`${port}\n`), secret]));
  const child = startHelper(t, ['-p', '-v', '-ep', '-a', file]);
  let said = '';
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  const ended = outcome(child);
  await until(() => said.includes(`Port: ${port}`), 'the first attempt');
  const double = await AssuanDouble.start(t, file, socket => socket.end(GREETING));
  const result = await ended;
  t.is(result.code, 0);
  t.is(result.stdout.toString(), GREETING);
  t.true(result.stderr.includes(`Port: ${double.port}, Nonce: <redacted>`));
  t.false(tellsNonce(result, double.nonce));
});

test.serial(
  'S.gpg-agent.ssh: no greeting is waited for, and each request comes whole, with the nonce',
  async t => {
    const file = await socketFile(t, 'S.gpg-agent.ssh');
    let count = 0;
    // As gpg-agent does it: one request, which has to be there with the nonce, and then the end.
    const double = await AssuanDouble.start(t, file, (socket, rest) => {
      if (rest.length < 5 || rest.length < 4 + rest.readUInt32BE()) socket.destroy();
      else socket.end(message(12, Buffer.from([++count])));
    });
    const child = startHelper(t, ['-ei', '-s', '-v', '-a', file]);
    const answers: Buffer[] = [];
    child.stdout.on('data', chunk => answers.push(chunk));
    const got = (): Buffer => Buffer.concat(answers);
    const request = message(11);
    child.stdin.write(request.subarray(0, 3));
    child.stdin.write(request.subarray(3));
    await until(() => got().length === 6, 'the first answer');
    child.stdin.write(request);
    await until(() => got().length === 12, 'the second answer');
    child.stdin.end();
    const {code, stderr} = await outcome(child);
    t.is(code, 0, stderr);
    t.deepEqual(got(), Buffer.concat([message(12, Buffer.from([1])), message(12, Buffer.from([2]))]));
    t.true(stderr.includes(`Port: ${double.port}, Nonce: <redacted>`));
  },
);

test.serial(
  'S.gpg-agent.ssh: both requests of a client that half-closes are answered without -ei',
  async t => {
    const file = await socketFile(t, 'S.gpg-agent.ssh');
    await AssuanDouble.start(t, file, (socket, rest) => {
      sshAgent((request, to) => to.end(message(12, request)))(socket);
      socket.emit('data', rest);
    });
    const child = startHelper(t, ['-a', file]);
    const requests = [message(11), message(13, Buffer.from('sign this'))];
    child.stdin.end(Buffer.concat(requests));
    const {code, stdout, stderr} = await outcome(child);
    t.is(code, 0, stderr);
    t.deepEqual(stdout, Buffer.concat(requests.map(request => message(12, request))));
  },
);
