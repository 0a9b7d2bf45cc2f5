import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {type CommandLine, type Flag, parseFlags} from '../../windows/npiperelay/flags.ts';
import {timestamp} from '../../windows/npiperelay/log.ts';
import {AssuanDouble} from './agents.ts';
import {type Outcome, outcome, startAgent, startHelper, tempFolder, until} from './harness.ts';

const run = (target: string, ...flags: Flag[]): CommandLine => ({kind: 'run', flags: new Set(flags), target});
const wrong = (message: string): CommandLine => ({kind: 'wrong', message});

const lines: [string[], CommandLine][] = [
  [['//./pipe/x'], run('//./pipe/x')],
  [['-ei', '-s', '//./pipe/x'], run('//./pipe/x', 'ei', 's')],
  [['--ep', '-p', '-l', '-v', 'x'], run('x', 'ep', 'p', 'l', 'v')],
  [['-p=false', '-v=T', '--ei=1', 'x'], run('x', 'v', 'ei')],
  [['-p', '-p=0', 'x'], run('x')],
  [['-p', 'false'], run('false', 'p')],
  [['-p', '--', '-v'], run('-v', 'p')],
  [['-'], run('-')],
  [['-p', 'x', '-v'], {kind: 'count'}],
  [['x', 'y'], {kind: 'count'}],
  [['-p'], {kind: 'count'}],
  [[], {kind: 'count'}],
  [['-v', '-h'], {kind: 'help'}],
  [['--help'], {kind: 'help'}],
  [['-eis', 'x'], wrong('flag provided but not defined: -eis')],
  [['-zz', 'x'], wrong('flag provided but not defined: -zz')],
  [['-a', 'x'], wrong('flag provided but not defined: -a')],
  [['-bg', 'x'], wrong('flag provided but not defined: -bg')],
  [['-p=maybe', 'x'], wrong('invalid boolean value "maybe" for -p: parse error')],
  [['---p', 'x'], wrong('bad flag syntax: ---p')],
  [['-=x', 'x'], wrong('bad flag syntax: -=x')],
];
for (const [args, expected] of lines)
  test(`flags: ${JSON.stringify(args)}`, t => {
    t.deepEqual(parseFlags(args), expected);
  });

test('flags: no command line throws', t => {
  fc.assert(
    fc.property(fc.array(fc.string()), args => {
      t.truthy(parseFlags(args).kind);
    }),
  );
});

test('log lines have Go’s time stamp', t => {
  t.is(timestamp(new Date(2026, 0, 2, 3, 4, 5)), '2026/01/02 03:04:05');
});

const STAMP = /^[0-9]{4}\/[0-9]{2}\/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} /;

/** The log without its time stamps, which every line must have. */
function logged(t: {regex(text: string, pattern: RegExp): unknown}, {stderr}: Outcome): string[] {
  const found = stderr.trimEnd().split('\n');
  for (const line of found) t.regex(line, STAMP);
  return found.map(line => line.replace(STAMP, ''));
}

test.serial('usage goes to stderr with Go’s exit codes', async t => {
  const cases: [string[], number, RegExp][] = [
    [['-v', '-h'], 0, /^wslagent-helper .*\n\nusage:\n {2}-ei\n {4}\tterminate/],
    [['-p'], 1, /usage:/],
    [['-a', 'C:\\x'], 2, /^flag provided but not defined: -a\nwslagent-helper/],
  ];
  for (const [args, expected, text] of cases) {
    const {code, stdout, stderr} = await outcome(startHelper(t, args));
    t.is(code, expected);
    t.is(stdout.length, 0);
    t.regex(stderr, text);
  }
});

test.serial('an absent pipe is fatal in Windows’ own words', async t => {
  const result = await outcome(
    startHelper(t, ['-v', '//./pipe/absent'], {WSLAGENT_PIPES: await tempFolder(t)}),
  );
  t.is(result.code, 1);
  t.is(result.stdout.length, 0);
  t.deepEqual(logged(t, result), [
    'connecting to //./pipe/absent',
    'open //./pipe/absent: The system cannot find the file specified.',
  ]);
});

test.serial('a disk file is refused, and unchanged', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  await fs.writeFile(file, 'unchanged');
  for (const target of [file, `pipe:${file}`, 'C:\\Users\\ada\\S.gpg-agent']) {
    const child = startHelper(t, ['-ei', target]);
    child.stdin.write('private key');
    const {code, stdout, stderr} = await outcome(child);
    t.is(code, 1);
    t.is(stdout.length, 0);
    t.regex(stderr, /open .*S\.gpg-agent: /);
  }
  t.is(await fs.readFile(file, 'utf8'), 'unchanged');
});

test.serial('-p waits for the pipe', async t => {
  const folder = await tempFolder(t);
  const child = startHelper(t, ['-p', '-v', 'pipe:later'], {WSLAGENT_PIPES: folder});
  let said = '';
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  await until(() => said.includes('connecting'), 'the first attempt');
  // Longer than a pipe that is absent is waited for without -p.
  const {code} = await outcome(startHelper(t, ['pipe:later'], {WSLAGENT_PIPES: folder}));
  t.is(code, 1);
  await startAgent(t, path.join(folder, 'later'), socket => socket.end('here'));
  const result = await outcome(child);
  t.is(result.code, 0);
  t.is(result.stdout.toString(), 'here');
});

test.serial('stdin’s end without -ei: answers still come, until the pipe closes', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'slow'), socket => {
    socket.on('data', chunk => setTimeout(() => socket.end(`you said ${chunk}`), 400));
    socket.on('end', () => socket.write('a pipe has no half-close'));
  });
  const child = startHelper(t, ['-v', 'pipe:slow'], {WSLAGENT_PIPES: folder});
  child.stdin.end('request');
  const result = await outcome(child);
  t.is(result.code, 0);
  t.is(result.stdout.toString(), 'you said request');
  t.deepEqual(logged(t, result), [
    'connecting to pipe:slow',
    'connected',
    'copy from stdin to pipe finished',
    'copy from pipe to stdout finished: pipe closed',
  ]);
});

test.serial('stdin’s end with -ei: the request is delivered, and nothing is waited for', async t => {
  const folder = await tempFolder(t);
  const heard: Buffer[] = [];
  await startAgent(t, path.join(folder, 'mute'), socket => socket.on('data', chunk => heard.push(chunk)));
  const bulk = Buffer.alloc(100_000, 'r');
  const child = startHelper(t, ['-ei', '-s', '-v', 'pipe:mute'], {WSLAGENT_PIPES: folder});
  child.stdin.end(bulk);
  const result = await outcome(child);
  t.is(result.code, 0);
  await until(() => Buffer.concat(heard).length === bulk.length, 'the whole request');
  t.is(logged(t, result).at(-1), 'copy from stdin to pipe finished');
});

test.serial('the pipe closes: the end, although stdin stays', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'short'), socket => socket.end('bye'));
  const {code, stdout} = await outcome(startHelper(t, ['pipe:short'], {WSLAGENT_PIPES: folder}));
  t.is(code, 0);
  t.is(stdout.toString(), 'bye');
});

test.serial('a megabyte both ways at once', async t => {
  const folder = await tempFolder(t);
  const bulk = Buffer.alloc(1024 * 1024, '0123456789abcde\n');
  const heard: Buffer[] = [];
  let length = 0;
  await startAgent(t, path.join(folder, 'wide'), socket => {
    socket.write(bulk);
    socket.on('data', chunk => {
      heard.push(chunk);
      length += chunk.length;
      if (length === bulk.length) socket.end();
    });
  });
  const child = startHelper(t, ['pipe:wide'], {WSLAGENT_PIPES: folder});
  child.stdin.end(bulk);
  const {code, stdout} = await outcome(child);
  t.is(code, 0);
  t.true(stdout.equals(bulk));
  t.true(Buffer.concat(heard).equals(bulk));
});

test.serial('a server that does not read holds stdin back', async t => {
  const folder = await tempFolder(t);
  const bulk = Buffer.alloc(4 * 1024 * 1024, '0123456789abcde\n');
  const heard: Buffer[] = [];
  let length = 0;
  let listen = (): void => {};
  await startAgent(t, path.join(folder, 'slow'), socket => {
    socket.pause();
    listen = () => socket.resume();
    socket.on('data', chunk => {
      heard.push(chunk);
      length += chunk.length;
      if (length === bulk.length) socket.end();
    });
  });
  const child = startHelper(t, ['pipe:slow'], {WSLAGENT_PIPES: folder});
  const ended = outcome(child);
  child.stdin.end(bulk);
  // As long as another one needs to start and to fail.
  await outcome(startHelper(t, ['pipe:absent'], {WSLAGENT_PIPES: folder}));
  t.true(child.stdin.writableLength > 2 * 1024 * 1024, 'most of it still waits outside');
  listen();
  t.is((await ended).code, 0);
  t.true(Buffer.concat(heard).equals(bulk));
});

test.serial('a GnuPG socket: -ep ends at the agent’s end; without it stdin is still copied', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  const heard: Buffer[] = [];
  await AssuanDouble.start(t, file, socket => {
    socket.on('data', chunk => heard.push(chunk));
    socket.end('OK bye\n');
  });
  const short = await outcome(startHelper(t, ['-ep', '-v', `assuan:${file}`]));
  t.is(short.code, 0);
  t.is(short.stdout.toString(), 'OK bye\n');
  t.is(logged(t, short).at(-1), 'copy from pipe to stdout finished');

  const child = startHelper(t, [`assuan:${file}`]);
  const ended = outcome(child);
  await until(() => child.stdout.readableEnded || child.stdout.readableLength > 0, 'the agent’s end');
  child.stdin.end('more');
  const {code, stdout} = await ended;
  t.is(code, 0);
  t.is(stdout.toString(), 'OK bye\n');
  await until(() => Buffer.concat(heard).toString() === 'more', 'what was copied afterwards');
});
