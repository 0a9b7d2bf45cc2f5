// needs: wine
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {builtExe, libraryBeside} from '../../../linux/helper-command.ts';
import {isRunning} from '../../is-running.ts';
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING} from './chain.ts';
import {PlainExe} from './plain-exe.ts';
import {type WindowsNode, type WindowsProgram, windowsNode} from './windows-node.ts';

// Points of docs/npiperelay.md with real pipes: 2, 4 to 7, and 10 to 12.

let twin: Twin;
let node: WindowsNode;

test.before(async t => {
  t.timeout(120_000);
  twin = await startTwin();
  node = await windowsNode(twin);
});

test.after.always(async () => {
  await node?.stop();
  await twin?.stop();
});

/** A server for one test, on a pipe with its behaviour's name. */
async function serve(t: ExecutionContext, fixture: string, behaviour: string): Promise<WindowsProgram> {
  const pipe = `\\\\.\\pipe\\${behaviour}`;
  const koffi = twin.toWindows(libraryBeside(builtExe()));
  const args = fixture === 'byte-server.ts' ? [pipe, behaviour] : [pipe, koffi, behaviour];
  const server = await node.start(fixture, ...args);
  t.teardown(() => server.stop());
  return server;
}

async function said(server: WindowsProgram, text: string): Promise<void> {
  await poll(`the server to say "${text}"`, CEILING, async () => (await server.output()).includes(text));
}

const start = (t: ExecutionContext, ...args: string[]): PlainExe => PlainExe.start(t, twin, args);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test.serial('points 4 and 5: byte pipe: an answer 400 ms after stdin’s end still comes', async t => {
  await serve(t, 'byte-server.ts', 'late');
  for (const flags of [[], ['-s'], ['-ep', '-s']]) {
    const exe = start(t, '-v', ...flags, '//./pipe/late');
    exe.say('this');
    exe.endStdin();
    t.is((await exe.bytes(13)).toString(), 'you said this');
    t.deepEqual(exe.lines, ['connecting to //./pipe/late', 'connected', 'copy from stdin to pipe finished']);
    exe.child.kill('SIGKILL');
  }
});

test.serial('point 4: byte pipe: -ei leaves with stdin', async t => {
  await serve(t, 'byte-server.ts', 'late');
  const exe = start(t, '-v', '-ei', '-s', '\\\\.\\pipe\\late');
  exe.say('this');
  t.is((await exe.bytes(13)).toString(), 'you said this');
  exe.endStdin();
  t.is(await exe.over(), 0);
  t.is(exe.lines.at(-1), 'copy from stdin to pipe finished');
});

test.serial('point 4: byte pipe: -ei leaves when all that was read is written, and not before', async t => {
  const server = await serve(t, 'byte-server.ts', 'bulk');
  const bulk = Buffer.alloc(1024 * 1024, 'fedcba987654321\n');
  const exe = start(t, '-ei', '//./pipe/bulk');
  exe.say(bulk);
  exe.endStdin();
  t.is(await exe.over(), 0);
  await said(server, `heard ${bulk.length} bytes ${sha256(bulk)}`);
});

test.serial('point 4: byte pipe: the server closes, and stdin is not awaited', async t => {
  await serve(t, 'byte-server.ts', 'hangup');
  for (const flags of [[], ['-ep'], ['-ei']]) {
    const exe = start(t, '-v', ...flags, '//./pipe/hangup');
    t.is(await exe.over(), 0);
    t.is(exe.stdout.toString(), 'hello');
    t.is(exe.lines.at(-1), 'copy from pipe to stdout finished: pipe closed');
  }
});

test.serial('point 11: the server disconnects (233)', async t => {
  await serve(t, 'odd-pipe.ts', 'disconnect');
  const exe = start(t, '-v', '//./pipe/disconnect');
  t.is(await exe.over(), 0);
  t.is(exe.stdout.toString(), 'hello');
  t.is(exe.lines.at(-1), 'copy from pipe to stdout finished: pipe closed');
});

test.serial('point 6: a megabyte both ways at once', async t => {
  const server = await serve(t, 'byte-server.ts', 'bulk');
  const bulk = Buffer.alloc(1024 * 1024, 'fedcba987654321\n');
  const exe = start(t, '-ei', '//./pipe/bulk');
  exe.say(bulk);
  const got = await exe.bytes(bulk.length);
  t.is(sha256(got), sha256(Buffer.alloc(1024 * 1024, '0123456789abcde\n')));
  await said(server, `heard ${bulk.length} bytes ${sha256(bulk)}`);
  exe.endStdin();
  t.is(await exe.over(), 0);
});

test.serial('point 7: a busy pipe is fatal at once, and waited for with -p', async t => {
  await serve(t, 'odd-pipe.ts', 'one');
  const first = start(t, '-v', '-ei', '//./pipe/one');
  first.say('first');
  t.is((await first.bytes(5)).toString(), 'first');
  const refused = start(t, '-v', '//./pipe/one');
  t.is(await refused.over(), 1);
  t.is(refused.lines[1], 'open //./pipe/one: All pipe instances are busy.');
  const patient = start(t, '-v', '-p', '-ei', '//./pipe/one');
  patient.say('patient');
  await patient.logged('connecting to //./pipe/one');
  first.say('again');
  t.is((await first.bytes(10)).toString(), 'firstagain');
  t.false(patient.lines.includes('connected'));
  first.endStdin();
  t.is(await first.over(), 0);
  t.is((await patient.bytes(7)).toString(), 'patient');
  patient.endStdin();
  t.is(await patient.over(), 0);
});

test.serial('point 7: an absent pipe is fatal at once, and waited for with -p', async t => {
  const refused = start(t, '//./pipe/hangup');
  t.is(await refused.over(), 1);
  t.deepEqual(refused.lines, ['open //./pipe/hangup: The system cannot find the file specified.']);
  const patient = start(t, '-v', '-p', '-l', '//./pipe/hangup');
  await patient.logged('connecting to //./pipe/hangup');
  await serve(t, 'byte-server.ts', 'hangup');
  t.is(await patient.over(), 0);
  t.is(patient.stdout.toString(), 'hello');
});

test.serial('point 4: message pipe: -s tells the server of stdin’s end, and the answer comes', async t => {
  const server = await serve(t, 'message-server.ts', 'echo');
  const exe = start(t, '-v', '-ep', '-s', '//./pipe/echo');
  exe.say('hello');
  await exe.bytes(5);
  exe.endStdin();
  t.is(await exe.over(), 0);
  t.is(exe.stdout.toString(), 'hello5 bytes');
  await said(server, `the client ended after 5 bytes ${sha256(Buffer.from('hello'))}`);
  t.deepEqual(exe.lines.slice(2), ['copy from stdin to pipe finished', 'copy from pipe to stdout finished']);
});

test.serial('point 4: message pipe: without -s, and with -ei, no end is told', async t => {
  for (const flags of [[], ['-ep'], ['-ei', '-s']]) {
    const server = await serve(t, 'message-server.ts', 'echo');
    const exe = start(t, '-v', ...flags, '//./pipe/echo');
    exe.say('hello');
    await exe.bytes(5);
    exe.endStdin();
    await exe.logged('copy from stdin to pipe finished');
    if (flags.includes('-ei')) t.is(await exe.over(), 0);
    else exe.child.kill('SIGKILL');
    await said(server, 'gone after 1 messages');
    t.false((await server.output()).includes('the client ended'));
    await server.stop();
  }
});

test.serial(
  'point 4: message pipe: the server’s end: -ep leaves, without it stdin is still copied',
  async t => {
    const server = await serve(t, 'message-server.ts', 'first');
    const short = start(t, '-v', '-ep', '//./pipe/first');
    t.is(await short.over(), 0);
    t.is(short.stdout.toString(), 'hello');
    t.is(short.lines.at(-1), 'copy from pipe to stdout finished');
    const long = start(t, '-v', '//./pipe/first');
    await long.logged('copy from pipe to stdout finished');
    long.say('more');
    long.endStdin();
    t.is(await long.over(), 0);
    t.is(long.lines.at(-1), 'copy from stdin to pipe finished');
    await said(server, 'gone after 1 messages');
  },
);

test.serial('points 4 and 11: message pipe: the server closes', async t => {
  await serve(t, 'message-server.ts', 'hangup');
  const exe = start(t, '-v', '//./pipe/hangup');
  t.is(await exe.over(), 0);
  t.is(exe.stdout.toString(), 'hello');
  t.regex(exe.lines.at(-1) ?? '', /pipe closed$/);
});

test.serial('point 10: a disk file is refused, and unchanged', async t => {
  const file = path.join(await mkdtemp(path.join(twin.localAppData.linux, 'disk-')), 'precious');
  const content = Buffer.alloc(40_000, 'keep me\n');
  await writeFile(file, content);
  const windows = twin.toWindows(file);
  const targets = [windows, windows.replaceAll('\\', '/'), `\\\\?\\${windows}`, `//./pipe/../../${windows}`];
  for (const target of targets) {
    const exe = start(t, '-ei', '-s', target);
    exe.say('overwritten');
    exe.endStdin();
    t.is(await exe.over(), 1, target);
    t.is(exe.stdout.length, 0);
    t.true(exe.lines[0]?.startsWith(`open ${target}: `), exe.lines[0] ?? '');
  }
  t.is(sha256(await readFile(file)), sha256(content));
});

test.serial('point 12: with -ei the exe goes with its parent', async t => {
  const server = await serve(t, 'byte-server.ts', 'mute');
  const args = JSON.stringify(['-ei', '//./pipe/mute']);
  const code = `
    const child = require('node:child_process').spawn('${builtExe()}', ${args}, {stdio: 'pipe'});
    console.log(child.pid);
    setInterval(() => {}, 60_000);
  `;
  const parent = spawn(process.execPath, ['-e', code], {env: twin.env, stdio: ['ignore', 'pipe', 'ignore']});
  t.teardown(() => parent.kill('SIGKILL'));
  const pid = Number((await once(parent.stdout, 'data'))[0]);
  await said(server, 'a client came');
  t.true(isRunning(pid));
  parent.kill('SIGKILL');
  await poll('the exe to leave', CEILING, () => !isRunning(pid));
  await said(server, 'a client has gone');
});

test.serial('a pipe of another owner is refused, and reached with -trust-any-owner', async t => {
  const koffi = twin.toWindows(libraryBeside(builtExe()));
  const squatted = ['\\\\.\\pipe\\squatted', 'O:S-1-5-21-0-0-0-1001D:(A;;GA;;;WD)', koffi];
  const server = await node.start('owned-pipe.ts', ...squatted);
  t.teardown(() => server.stop());
  const refused = start(t, '-v', '-ei', '//./pipe/squatted');
  refused.say('secret');
  t.is(await refused.over(), 1);
  t.regex(refused.lines[1] ?? '', /^open \/\/\.\/pipe\/squatted: pipe .* belongs to S-1-5-21-0-0-0-1001/);
  t.regex(refused.lines[2] ?? '', /^hint: .* -trust-any-owner$/);
  await said(server, 'sent 0 bytes');
  const trusting = start(t, '--trust-any-owner', '//./pipe/squatted');
  trusting.say('secret');
  t.is(await trusting.over(), 0);
  await said(server, 'sent 6 bytes');
});

test.serial('-bg says what stands in its way, and goes on', async t => {
  await serve(t, 'byte-server.ts', 'hangup');
  const exe = start(t, '-bg', '//./pipe/hangup');
  t.is(await exe.over(), 0);
  t.is(exe.stdout.toString(), 'hello');
  t.regex(
    exe.lines.join('\n'),
    /^(hide console window to run in background failed: (no console associated|console window is already hidden))?$/,
  );
});
