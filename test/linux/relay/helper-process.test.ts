import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {HelperCommand} from '../../../linux/helper-command.ts';
import type {ChannelEvents} from '../../../linux/relay/helper-channel.ts';
import {HelperProcess} from '../../../linux/relay/helper-process.ts';
import type {Failure} from '../../../shared/failure.ts';
import {VERSION} from '../../../shared/version.ts';
import {isRunning} from '../../is-running.ts';
import {fixture, helperPids, memoryLog, temporaryFolder} from './bed.ts';

/** A helper whose end the test waits for; stopped after the test. */
function start(t: ExecutionContext, command: HelperCommand, deadline?: number) {
  const log = memoryLog();
  const {promise: ready, resolve: setReady} = Promise.withResolvers<void>();
  const {promise: over, resolve: setOver} = Promise.withResolvers<Failure | undefined>();
  const helper = new HelperProcess(
    command,
    log,
    {ready: setReady, idle() {}, heavy() {}, doubted() {}, proven() {}, over: setOver},
    {deadline},
  );
  t.teardown(async () => {
    await helper.stop();
    if (helperPids(log.lines).some(isRunning)) throw new Error('the helper is left');
  });
  return {helper, ready, over, lines: log.lines};
}

const noEvents: ChannelEvents = {opened() {}, data() {}, end() {}, drain() {}, doubted() {}, closed() {}};

/** A file of its own that is to be started as a helper. */
function program(t: ExecutionContext, name: string, text: string | Uint8Array, mode = 0o755): HelperCommand {
  const command = join(temporaryFolder(t), name);
  writeFileSync(command, text);
  chmodSync(command, mode);
  return {command, args: [], cwd: undefined};
}

/** A Windows program as far as its headers go: one section of `section` bytes, and `size` bytes of file. */
function exe(section: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(1, 0x86);
  bytes.writeUInt32LE(section, 0x80 + 24 + 16);
  bytes.writeUInt32LE(0x200, 0x80 + 24 + 20);
  return bytes;
}

test('a helper greets, and leaves when it is stopped', async t => {
  const {helper, ready, over, lines} = start(t, fixture('echo'));
  await ready;
  t.true(helper.hasRoom);
  await helper.stop();
  t.is(await over, undefined);
  t.false(helper.hasRoom);
  t.false(
    lines.some(line => line.startsWith('warning')),
    'it went when its stdin ended',
  );
});

test('another version is a mismatch that names both and says what to do', async t => {
  const failure = await start(t, fixture('wrong-version')).over;
  t.is(failure?.reason, 'helperMismatch');
  t.regex(failure?.message ?? '', new RegExp(`"99.0.0" does not match "${VERSION}"`));
  t.is(failure?.hint, 'wslagent install --now');
});

test('stray output is shown as such, on one safe line', async t => {
  const failure = await start(t, fixture('garbage')).over;
  t.is(failure?.reason, 'helperMismatch');
  t.regex(
    failure?.message ?? '',
    /stray output instead of a greeting: Usage: something {1,2}\[31melse entirely$/,
  );
});

test('a helper that does not greet is given up at the deadline, with what it said', async t => {
  const failure = await start(t, fixture('silent'), 8000).over;
  t.is(failure?.reason, 'helperUnusable');
  t.is(failure?.message, 'the helper did not greet within 8 s: waiting for Windows');
});

test('a helper that starts slowly is waited for', async t => {
  const {ready, helper} = start(t, fixture('slow-start'));
  await ready;
  t.true(helper.ready);
});

test('a helper that ignores the end of its stdin gets SIGTERM', async t => {
  const {helper, ready, lines} = start(t, fixture('ignores-eof'));
  await ready;
  await helper.stop();
  t.deepEqual(
    lines.filter(line => line.startsWith('warning')).map(line => line.replace(/[0-9]+/, 'N')),
    ['warning: helper N: does not leave when its stdin ends: SIGTERM'],
  );
});

test('a helper that ignores that too is killed', async t => {
  const {helper, ready, lines} = start(t, fixture('ignores-all'));
  await ready;
  await helper.stop();
  t.true(lines.some(line => line.endsWith('SIGKILL')));
  t.deepEqual(helperPids(lines).filter(isRunning), []);
});

test('a helper that was just started is not killed at once', async t => {
  const {helper} = start(t, fixture('slow-start'));
  const started = performance.now();
  await helper.stop();
  t.true(performance.now() - started > 1000, 'it was left its two seconds');
});

test('a helper that asks whether the relay lives is answered, each time', async t => {
  const {helper, ready} = start(t, fixture('asks'));
  await ready;
  const {promise: told, resolve} = Promise.withResolvers<Uint8Array>();
  helper.open('raw', ['pipe:x'], {...noEvents, data: resolve}).data(Buffer.from('?'));
  t.is(Buffer.from(await told).toString(), '3');
});

test('a helper is started with its folder and verb, and without what is private', async t => {
  const secret = {
    LISTEN_FDS: '1',
    LISTEN_PID: '1',
    LISTEN_FDNAMES: 'x',
    WSL_INTEROP: '/run/x',
    NOTIFY_SOCKET: '/x',
  };
  Object.assign(process.env, secret);
  t.teardown(() => {
    for (const name of Object.keys(secret)) delete process.env[name];
  });
  const cwd = temporaryFolder(t);
  const {helper, ready} = start(t, {...fixture('shows-env'), cwd});
  await ready;
  const {promise: told, resolve} = Promise.withResolvers<Uint8Array>();
  helper.open('raw', ['pipe:x'], {...noEvents, data: resolve}).data(Buffer.from('?'));
  const seen = JSON.parse(Buffer.from(await told).toString());
  t.is(seen.cwd, cwd);
  t.deepEqual(seen.args, ['serve']);
  t.true(seen.names.includes('PATH'));
  t.deepEqual(
    Object.keys(secret).filter(name => seen.names.includes(name)),
    [],
  );
});

test('a noisy helper cannot flood the log or forge its lines', async t => {
  const {ready, lines, helper} = start(t, fixture('noisy'));
  await ready;
  await helper.stop();
  const said = lines.filter(line => line.startsWith('info'));
  t.true(said.length < 110, `${said.length} lines`);
  t.true(said.every(line => line.length < 400 && !/\p{Cc}/u.test(line)));
  t.true(said.some(line => /[0-9]+ more lines were left out$/.test(line)));
});

const START_FAILURES: [string, (t: ExecutionContext) => HelperCommand, RegExp, RegExp][] = [
  [
    'a helper that is not there',
    () => ({command: '/nowhere/x.exe', args: [], cwd: undefined}),
    /^the helper \/nowhere\/x\.exe does not exist$/,
    /^wslagent install --now$/,
  ],
  [
    'a folder that is not there',
    () => ({...fixture('echo'), cwd: '/nowhere'}),
    /^the helper's folder \/nowhere does not exist$/,
    /^wslagent install --now$/,
  ],
  [
    'a file that may not be executed',
    t => program(t, 'x.exe', exe(0, 1024), 0o644),
    /^the helper .*x\.exe may not be executed$/,
    /^chmod \+x /,
  ],
  ['an empty exe', t => program(t, 'x.exe', ''), /^the helper .* is empty$/, /^wslagent install --now$/],
  [
    'an exe that is cut short',
    t => program(t, 'x.exe', exe(4096, 1024)),
    /^the helper .* is cut short$/,
    /^wslagent install --now$/,
  ],
  [
    'interop that does not answer',
    t =>
      program(
        t,
        'x.exe',
        '#!/bin/sh\necho "<3>WSL (812) ERROR: UtilAcceptVsock:273: accept4 failed 110" >&2\nexit 1\n',
      ),
    /^Windows does not answer WSL: .*accept4 failed 110$/,
    /^wsl\.exe --shutdown$/,
  ],
  [
    'a program that ends at once',
    t => program(t, 'helper', '#!/bin/sh\necho "no luck" >&2\nexit 5\n'),
    /^the helper ended before its greeting \(exit code 5: no luck\)$/,
    /^wslagent install --now$/,
  ],
  [
    'a program that is killed at once',
    t => program(t, 'helper', '#!/bin/sh\nkill -9 $$\n'),
    /^the helper ended before its greeting \(SIGKILL\)$/,
    /^wslagent install --now$/,
  ],
];

for (const [title, command, message, hint] of START_FAILURES)
  test(`one clear failure: ${title}`, async t => {
    const failure = await start(t, command(t)).over;
    t.is(failure?.reason, 'helperUnusable');
    t.regex(failure?.message ?? '', message);
    t.regex(failure?.hint ?? '', hint);
  });
