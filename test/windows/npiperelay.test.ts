import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import type net from 'node:net';
import path from 'node:path';
import test from 'ava';
import {timestamp} from '../../windows/npiperelay/log.ts';
import {isRunning} from '../is-running.ts';
import {MAIN, outcome, startAgent, startHelper, type Teardown, tempFolder, until} from './harness.ts';
import {logged} from './npiperelay-log.ts';

// Points of docs/npiperelay.md, with the helper as a process: 2, 3, 5, 6, 10 and 12. Here a pipe is a Unix socket,
// which can be half-closed; test/twin/e2e/npiperelay*.test.ts have pipes.

test('point 2: log lines have Go’s time stamp', t => {
  t.is(timestamp(new Date(2026, 0, 2, 3, 4, 5)), '2026/01/02 03:04:05');
});

test.serial('point 2: an absent pipe is fatal in Windows’ own words', async t => {
  const result = await outcome(
    startHelper(t, ['-v', '//./pipe/absent'], {WSLAGENT_PIPES: await tempFolder(t)}),
  );
  t.is(result.code, 1);
  t.is(result.stdout.length, 0);
  t.deepEqual(logged(t, result), [
    'connecting to //./pipe/absent',
    'open //./pipe/absent: The system cannot find the file specified.',
    'hint: start the agent that owns the pipe',
    'hint: wslagent probe',
  ]);
});

test.serial('point 10: a disk file is refused, and unchanged', async t => {
  const file = path.join(await tempFolder(t), 'S.gpg-agent');
  await fs.writeFile(file, 'unchanged');
  for (const target of [file, `pipe:${file}`, 'C:\\Users\\ada\\S.gpg-agent']) {
    const child = startHelper(t, ['-ei', '-s', target]);
    child.stdin.write('private key');
    const {code, stdout, stderr} = await outcome(child);
    t.is(code, 1);
    t.is(stdout.length, 0);
    t.regex(stderr, /open .*S\.gpg-agent: /);
  }
  t.is(await fs.readFile(file, 'utf8'), 'unchanged');
});

test.serial('point 3: -p waits for the pipe, and without it there is one attempt', async t => {
  const folder = await tempFolder(t);
  const child = startHelper(t, ['-p', '-ep', '-v', 'pipe:later'], {WSLAGENT_PIPES: folder});
  let said = '';
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  await until(() => said.includes('connecting'), 'the first attempt');
  const {code, stderr} = await outcome(startHelper(t, ['pipe:later'], {WSLAGENT_PIPES: folder}));
  t.is(code, 1);
  t.regex(stderr, /open pipe:later: The system cannot find the file specified\.$/m);
  await startAgent(t, path.join(folder, 'later'), socket => socket.end('here'));
  const result = await outcome(child);
  t.is(result.code, 0);
  t.is(result.stdout.toString(), 'here');
});

test.serial('points 2 and 5: stdin’s end without -ei: an answer 400 ms later still comes', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'slow'), socket => {
    socket.on('data', chunk => setTimeout(() => socket.end(`you said ${chunk}`), 400));
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
    'copy from pipe to stdout finished',
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

test.serial('-ep: the pipe’s end is the end, although stdin stays', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'short'), socket => socket.end('bye'));
  const {code, stdout} = await outcome(startHelper(t, ['-ep', 'pipe:short'], {WSLAGENT_PIPES: folder}));
  t.is(code, 0);
  t.is(stdout.toString(), 'bye');
});

test.serial('point 6: a megabyte both ways at once', async t => {
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
  let listen: (() => void) | undefined;
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
  const listenNow = await until(() => listen, 'the connection');
  // As long as another one needs to start and to fail.
  await outcome(startHelper(t, ['pipe:absent'], {WSLAGENT_PIPES: folder}));
  t.true(child.stdin.writableLength > 2 * 1024 * 1024, 'most of it still waits outside');
  listenNow();
  t.is((await ended).code, 0);
  t.true(Buffer.concat(heard).equals(bulk));
});

test.serial('-bg: what stands in its way is said, and that is all', async t => {
  const folder = await tempFolder(t);
  await startAgent(t, path.join(folder, 'short'), socket => socket.end('bye'));
  const result = await outcome(startHelper(t, ['-bg', '-ep', 'pipe:short'], {WSLAGENT_PIPES: folder}));
  t.is(result.code, 0);
  t.is(result.stdout.toString(), 'bye');
  t.deepEqual(logged(t, result), ['hide console window to run in background failed: no console associated']);
});

/** Starts a helper whose parent is another process than this one; gives both pids. */
async function startOrphan(
  t: Teardown,
  flags: string[],
  folder: string,
): Promise<{parent: number; pid: number}> {
  const args = JSON.stringify([MAIN, ...flags, 'pipe:mute']);
  const code = `
    const child = require('node:child_process').spawn(process.execPath, ${args}, {stdio: 'pipe'});
    console.log(child.pid);
    setInterval(() => {}, 60_000);
  `;
  const parent = spawn(process.execPath, ['-e', code], {
    env: {...process.env, WSLAGENT_PIPES: folder},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(line);
  t.teardown(() => {
    parent.kill('SIGKILL');
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  return {parent: parent.pid ?? 0, pid};
}

test.serial('point 12: with -ei the helper goes with its parent', async t => {
  const folder = await tempFolder(t);
  let connected = 0;
  await startAgent(t, path.join(folder, 'mute'), () => connected++);
  const {parent, pid} = await startOrphan(t, ['-ei'], folder);
  await until(() => connected === 1, 'the helper to connect');
  t.true(isRunning(pid));
  process.kill(parent, 'SIGKILL');
  await t.notThrowsAsync(until(() => !isRunning(pid), 'the helper to leave'));
});

test.serial(
  'point 12: without -ei it stays for answers, and goes with the first that nobody takes',
  async t => {
    const folder = await tempFolder(t);
    let agent: net.Socket | undefined;
    let ended = false;
    await startAgent(t, path.join(folder, 'mute'), socket => {
      agent = socket;
      socket.on('end', () => {
        ended = true;
      });
      socket.resume();
    });
    const {parent, pid} = await startOrphan(t, [], folder);
    await until(() => agent, 'the helper to connect');
    process.kill(parent, 'SIGKILL');
    await until(() => ended, 'the end of its stdin');
    t.true(isRunning(pid));
    agent?.write('an answer');
    await until(() => !isRunning(pid), 'the helper to leave');
  },
);
