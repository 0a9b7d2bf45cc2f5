import fs from 'node:fs/promises';
import type net from 'node:net';
import path from 'node:path';
import test from 'ava';
import type {FailureReason} from '../../shared/failure.ts';
import type {ProbeReport} from '../../shared/probe.ts';
import {CygwinDouble, type CygwinDoubleOptions} from '../fixtures/cygwin-double.ts';
import {AssuanDouble, closedPort, echo} from './agents.ts';
import {
  message,
  outcome,
  startAgent,
  startHelper,
  type Teardown,
  tempFolder,
  until,
  useRelay,
} from './harness.ts';

const helper = useRelay(test);

const VARIANTS = ['cygwin', 'assuan'] as const;
const LIST = message(11);
const GREETING = 'OK Pleased to meet you, process 4711\n';

type Options = Omit<CygwinDoubleOptions, 'file' | 'serve'> & Partial<CygwinDoubleOptions>;

/** A double in a folder of its own, whose agent answers ssh requests unless something else is said. */
async function start(t: Teardown, options: Options): Promise<CygwinDouble & {target: string; file: string}> {
  const file = options.file ?? path.join(await tempFolder(t), 'agent sock');
  const double = await CygwinDouble.start({serve: echo, ...options, file});
  t.teardown(() => double.close());
  return Object.assign(double, {file, target: `${options.variant}:${file}`});
}

for (const variant of VARIANTS) {
  for (const dribble of [false, true])
    test(`${variant}: one handshake, and then a lasting connection${dribble ? ', byte by byte' : ''}`, async t => {
      const double = await start(t, {variant, dribble});
      const channel = helper().open('ssh-agent', double.target);
      for (const request of [LIST, message(13, Buffer.alloc(3000, 's')), LIST])
        t.deepEqual(await channel.ask(request), message(12, request));
      t.is(channel.opened?.detail, `${double.file} (port ${double.port})`);
      channel.end();
      await channel.close();
      t.deepEqual(double.violations, []);
      t.deepEqual(double.credentials, [{pid: helper().child.pid, uid: 0, gid: 0}]);
    });

  test(`${variant}: what comes right behind the handshake is the client’s, and each end is told`, async t => {
    const heard: Buffer[] = [];
    const bulk = Buffer.alloc(300 * 1024, '0123456789abcde\n');
    const double = await start(t, {
      variant,
      early: GREETING,
      serve(socket) {
        socket.write(bulk);
        socket.on('data', chunk => heard.push(chunk));
        socket.on('end', () => socket.end('bye'));
      },
    });
    for (const protocol of ['raw', 'assuan'] as const) {
      const channel = helper().open(protocol, double.target);
      channel.send(bulk);
      channel.end();
      await channel.close();
      t.is(channel.failure, undefined);
      t.is(channel.received.toString(), `${GREETING}${bulk}bye`);
      t.true(Buffer.concat(heard.splice(0)).equals(bulk));
    }
    t.deepEqual(double.violations, []);
  });
}

const faults: [CygwinDoubleOptions['fault'] & {}, FailureReason, RegExp][] = [
  [{at: 'accept', does: 'close'}, 'agentClosed', /closed the connection instead of sending the secret back/],
  [{at: 'secret', does: 'close'}, 'agentClosed', /closed the connection instead of sending the secret back/],
  [
    {at: 'credentials', does: 'close'},
    'agentClosed',
    /closed the connection instead of sending its credentials/,
  ],
  [{at: 'accept', does: 'lie'}, 'badGreeting', /sent something else than the secret back/],
  [{at: 'secret', does: 'lie'}, 'badGreeting', /sent something else than the secret back/],
  [{at: 'accept', does: 'nothing'}, 'timeout', /did not send the secret back within 10 s/],
  [{at: 'secret', does: 'nothing'}, 'timeout', /did not send the secret back within 10 s/],
  [{at: 'credentials', does: 'nothing'}, 'timeout', /sent the secret back and no credentials within 10 s/],
];

test('a server that fails at any turn: a sentence, a hint that can be typed, and no secret', async t => {
  const cases = VARIANTS.flatMap(variant => faults.map(row => [variant, ...row] as const));
  await Promise.all(
    cases.map(async ([variant, fault, reason, sentence]) => {
      const double = await start(t, {variant, fault});
      const channel = helper().open('raw', double.target);
      const failure = await channel.failed();
      const title = `${variant} ${fault.at} ${fault.does}`;
      t.is(failure.reason, reason, title);
      t.regex(failure.message, sentence, title);
      t.true(failure.message.startsWith(`${double.file} (port ${double.port}) `), title);
      t.regex(failure.hint ?? '', variant === 'cygwin' ? /ssh-agent -a '.*'/ : /gpgconf\.exe --kill/, title);
      t.is(channel.opened, undefined, title);
      t.deepEqual(double.violations, [], title);
      noSecret(t, double, JSON.stringify(failure));
    }),
  );
});

test('a port that another program has now', async t => {
  const folder = await tempFolder(t);
  const double = await start(t, {variant: 'cygwin'});
  const other = await startAgent(t, {port: 0}, socket => socket.write('220 mail.example ESMTP\r\n'));
  const {port} = other.address() as net.AddressInfo;
  for (const variant of VARIANTS) {
    const file = path.join(folder, variant);
    await fs.writeFile(file, double.content({port}));
    const failure = await helper().open('raw', `${variant}:${file}`).failed();
    t.is(failure.reason, 'badGreeting');
    t.regex(failure.message, /sent something else than the secret back: another program has this port now$/);
  }
});

test('a port that nobody has any more', async t => {
  const double = await start(t, {variant: 'cygwin'});
  await fs.writeFile(double.file, double.content({port: await closedPort()}));
  const failure = await helper().open('raw', double.target).failed();
  t.is(failure.reason, 'refused');
  t.regex(failure.message, /^port \d+ of socket file .* is closed: its agent has gone$/);
  t.regex(failure.hint ?? '', /rm -f '.*'; eval "\$\(ssh-agent -a '.*'\)"$/);
});

test('a secret of another start of the agent', async t => {
  const double = await start(t, {variant: 'cygwin'});
  const secret = Buffer.alloc(16, 0x5a);
  await fs.writeFile(double.file, double.content({secret}));
  const failure = await helper().open('raw', double.target).failed();
  t.is(failure.reason, 'agentClosed');
  t.regex(
    failure.message,
    /closed the connection instead of sending the secret back: the file is out of date$/,
  );
  t.deepEqual(double.violations, ['the secret is another']);
});

test('files that are no sockets of Cygwin are refused, unchanged, and nothing of them is shown', async t => {
  const folder = await tempFolder(t);
  const double = await start(t, {variant: 'cygwin'});
  const whole = double.content();
  const gnupg = await AssuanDouble.start(t, path.join(folder, 'gnupg'), () => {});
  const cases: [string, string | Buffer, RegExp][] = [
    ['empty', '', /is empty$/],
    ['cut', whole.slice(0, 40), /is cut short$/],
    ['datagram', whole.replace(' s ', ' d '), /is a datagram socket, over which no agent speaks$/],
    ['msys1', whole.replace(' s ', ' '), /is of MSYS 1, whose sockets need another handshake: use MSYS2/],
    ['gnupg', gnupg.content, /is a GnuPG socket file: write assuan: in place of cygwin:$/],
    ['oversized', Buffer.alloc(8 * 1024 * 1024, whole), /is longer than 54 bytes/],
    ['secret', '-----BEGIN OPENSSH PRIVATE KEY-----\nabcdef\n', /is no socket file of Cygwin, MSYS2 or Git/],
  ];
  await Promise.all(
    cases.map(async ([name, content, sentence]) => {
      const file = path.join(folder, name);
      await fs.writeFile(file, content);
      const channel = helper().open('raw', `cygwin:${file}`);
      channel.send(Buffer.from('must not be written\n'));
      const failure = await channel.failed();
      t.is(failure.reason, 'badTarget', name);
      t.regex(failure.message, sentence);
      t.notRegex(failure.message, /BEGIN|abcdef/);
      noSecret(t, double, JSON.stringify(failure));
      t.true((await fs.readFile(file)).equals(Buffer.from(content)));
    }),
  );
  const absent = await helper().open('raw', `cygwin:${folder}/no such`).failed();
  t.is(absent.reason, 'absent');
  t.is(absent.hint, `in Git Bash, MSYS2 or Cygwin: eval "$(ssh-agent -a '${folder}/no such')"`);
  t.is((await helper().open('raw', `cygwin:${folder}`).failed()).reason, 'badTarget');
});

test('a file that is being written is waited for', async t => {
  const double = await start(t, {variant: 'cygwin'});
  await fs.writeFile(double.file, double.content().slice(0, 30));
  const channel = helper().open('ssh-agent', double.target);
  channel.send(LIST);
  await helper().open('raw', 'bogus:').failed();
  await fs.writeFile(double.file, double.content());
  t.deepEqual(await channel.bytes(10), message(12, LIST));
});

test('a client that leaves in the middle of a handshake takes the connection with it', async t => {
  let connected = 0;
  let ended = 0;
  const server = await startAgent(t, {port: 0}, socket => {
    connected++;
    socket.on('end', () => ended++);
    socket.resume();
  });
  const double = await start(t, {variant: 'cygwin'});
  await fs.writeFile(double.file, double.content({port: (server.address() as net.AddressInfo).port}));
  const channel = helper().open('raw', double.target);
  await until(() => connected === 1, 'the connection');
  t.is(ended, 0);
  channel.reset();
  await until(() => ended === 1, 'its end');
});

test('the probe says of each what it is', async t => {
  const folder = await tempFolder(t);
  const double = await start(t, {variant: 'cygwin', serve: keys});
  const silent = await start(t, {variant: 'cygwin', fault: {at: 'secret', does: 'nothing'}});
  const lying = await start(t, {variant: 'cygwin', fault: {at: 'secret', does: 'lie'}});
  const stale = path.join(folder, 'stale');
  await fs.writeFile(stale, double.content({port: await closedPort()}));
  const targets = [double.target, silent.target, lying.target, `cygwin:${stale}`, `cygwin:${folder}/none`];
  const args = ['probe', ...targets.flatMap(target => ['--target', target])];
  const {code, stdout, stderr} = await outcome(startHelper(t, args, {PATH: folder}));
  t.is(code, 0, stderr);
  const {agents}: ProbeReport = JSON.parse(stdout.toString());
  t.deepEqual(
    agents.map(({state, keys}) => [state, keys]),
    [
      ['answers', 3],
      ['silent', undefined],
      ['badGreeting', undefined],
      ['refused', undefined],
      ['absent', undefined],
    ],
  );
  noSecret(t, double, stdout.toString());
});

/** Lists three keys, as far as a probe looks at them. */
function keys(socket: net.Socket): void {
  socket.on('data', () => socket.write(message(12, Buffer.from([0, 0, 0, 3]))));
  socket.on('end', () => socket.end());
}

function noSecret(t: {false(value: boolean): void}, {secret}: CygwinDouble, text: string): void {
  const groups = [0, 4, 8, 12].map(at => secret.readUInt32LE(at).toString(16).padStart(8, '0'));
  for (const part of [...groups, secret.toString('hex').slice(0, 12), secret.toString('base64').slice(0, 12)])
    t.false(text.toLowerCase().includes(part.toLowerCase()));
}
