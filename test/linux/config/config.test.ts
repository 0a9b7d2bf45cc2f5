import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {parseDuration} from '../../../linux/config/duration.ts';
import {loadConfig} from '../../../linux/config/load.ts';
import {UserError} from '../../../linux/errors.ts';

function file(t: ExecutionContext, text: string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-config-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const path = join(folder, 'config.toml');
  writeFileSync(path, text);
  return path;
}

test('without a file everything has its default', async t => {
  t.deepEqual(await loadConfig('/nowhere/config.toml'), {
    helper: {sharing: 'overflow', spares: 1, max: 32, spareIdle: 8 * 3_600_000},
    relay: {idleExit: 8 * 3_600_000, logLevel: 'info'},
    endpoints: {},
  });
});

test('every key is read', async t => {
  const config = await loadConfig(
    file(
      t,
      `[helper]
       sharing = "never"
       spares = 0
       max = 7
       spare_idle = "90s"
       [relay]
       idle_exit = 30
       log_level = "debug"
       [endpoints.work]
       listen = "%t/work.sock"
       targets = ["pipe:work", "gpg:agent-ssh-socket"]
       protocol = "ssh-agent"`,
    ),
  );
  t.deepEqual(config, {
    helper: {sharing: 'never', spares: 0, max: 7, spareIdle: 90_000},
    relay: {idleExit: 30_000, logLevel: 'debug'},
    endpoints: {
      work: {listen: '%t/work.sock', targets: ['pipe:work', 'gpg:agent-ssh-socket'], protocol: 'ssh-agent'},
    },
  });
});

const mistakes: [string, RegExp][] = [
  ['x = 1', /: x: is not a known key/],
  ['[helper]\nspare = 1', /: helper\.spare: is not a known key/],
  ['[helper]\nsharing = "sometimes"', /: helper\.sharing: expected one of overflow, never, always/],
  ['[helper]\nspares = 17', /: helper\.spares: expected a whole number from 0 to 16/],
  ['[helper]\nspares = 1.5', /: helper\.spares: expected a whole number/],
  ['[helper]\nmax = "many"', /: helper\.max: expected a whole number from 1 to 256/],
  ['[relay]\nidle_exit = "soon"', /: relay\.idle_exit: expected a duration.*got "soon"/],
  ['[endpoints.Foo]\ntargets = ["pipe:x"]', /: endpoints\.Foo: expected an endpoint name/],
  ['[endpoints.foo]\ntargets = []', /: endpoints\.foo\.targets: expected at least one target/],
  ['[endpoints.foo]\ntargets = ["nope:x"]', /: endpoints\.foo\.targets\.0: unknown target "nope:x"/],
  ['[endpoints.foo]\nlisten = "here"', /: endpoints\.foo\.listen: expected an absolute path/],
  ['[endpoints.foo]\nprotocol = "tcp"', /: endpoints\.foo\.protocol: expected one of raw, ssh-agent, assuan/],
  ['helper = 3', /: helper: /],
  ['[helper', /: line 1, column \d+: /],
];
for (const [text, message] of mistakes) {
  test(`a mistake names file, key and what was expected: ${JSON.stringify(text)}`, async t => {
    const path = file(t, text);
    const error = await t.throwsAsync(loadConfig(path), {instanceOf: UserError, message});
    t.true(error?.message.startsWith(`${path}: `));
    t.is(error?.exit, 'config');
  });
}

test('a folder in place of the file is an error, not an absence', async t => {
  const error = await t.throwsAsync(loadConfig('/'), {
    instanceOf: UserError,
    message: '/ is a folder, not a file',
  });
  t.is(error?.exit, 'config');
});

test('a FIFO is waited for by nobody, and /dev/null is an empty file', async t => {
  const path = file(t, '');
  rmSync(path);
  execFileSync('mkfifo', [path]);
  await t.throwsAsync(loadConfig(path), {instanceOf: UserError, message: /is a FIFO, not a file$/});
  t.deepEqual((await loadConfig('/dev/null')).endpoints, {});
});

test('a huge file is refused without being read', async t => {
  const path = file(t, '');
  truncateSync(path, 2 ** 40);
  await t.throwsAsync(loadConfig(path), {instanceOf: UserError, message: /larger than 1048576 bytes$/});
});

const TARGET = 'pipe:J\u00fcrgen';
const TEXT = `[endpoints.ssh]\r\n# \u00e4\r\ntargets = ["${TARGET}"]\r\n`;
const targetOf = async (path: string) => (await loadConfig(path)).endpoints.ssh?.targets;

test('UTF-8 is read with and without a mark, with lines as Windows ends them', async t => {
  for (const mark of ['', '\ufeff'])
    t.deepEqual(await targetOf(file(t, mark + TEXT)), [TARGET], JSON.stringify(mark));
});

const utf16 = (text: string, order: 'LE' | 'BE') => {
  const bytes = Buffer.from(text, 'utf16le');
  return order === 'LE' ? bytes : bytes.swap16();
};
for (const order of ['LE', 'BE'] as const)
  for (const mark of ['', '\ufeff'])
    test(`UTF-16${order} ${mark === '' ? 'without' : 'with'} a mark is named, and the line to type mends it`, async t => {
      const path = file(t, utf16(mark + TEXT, order));
      const error = await t.throwsAsync(loadConfig(path), {
        instanceOf: UserError,
        message: /saved as UTF-16/,
      });
      t.is(error?.exit, 'config');
      execFileSync('sh', ['-c', error?.hint ?? '']);
      t.deepEqual(await targetOf(path), [TARGET]);
    });

test('ANSI is refused with its line, and how to save', async t => {
  const error = await t.throwsAsync(loadConfig(file(t, Buffer.from(TEXT, 'latin1'))), {
    instanceOf: UserError,
    message: /: line 2 is not UTF-8, as of a file that was saved as ANSI$/,
  });
  t.regex(error?.hint ?? '', /^save it as UTF-8/);
  t.is(error?.exit, 'config');
});

test('a zero byte has its line', async t => {
  for (const text of ['a = 1\n\0b = 2\n', 'a = 1\n# \0', `a = 1\n${'\0'.repeat(9)}`])
    await t.throwsAsync(loadConfig(file(t, text)), {
      instanceOf: UserError,
      message: /: line 2 holds a zero byte/,
    });
});

const quoted: [string, RegExp][] = [
  ['targets = ["assuan:C:\\Users\\x"]', /single quotes: 'assuan:C:\\Users\\x'$/],
  ['targets = [\n"pipe:x",\n"\\\\.\\pipe\\x"]', /single quotes: '\\\\\.\\pipe\\x'$/],
  ['targets = ["unix:C:\\new\\table"]', /single quotes: 'C:\\…'$/],
  ['targets = ["""cygwin:C:\\quiet"""]', /single quotes: /],
];
for (const [line, hint] of quoted)
  test(`a backslash in double quotes leads to single ones: ${JSON.stringify(line)}`, async t => {
    const error = await t.throwsAsync(loadConfig(file(t, `[endpoints.ssh]\n${line}\n`)), {
      instanceOf: UserError,
    });
    t.regex(error?.hint ?? '', hint);
    t.is(error?.exit, 'config');
  });

test('durations are what they say, and nothing else is one', t => {
  t.is(parseDuration('500ms'), 500);
  t.is(parseDuration('1.5m'), 90_000);
  t.is(parseDuration('1h'), 3_600_000);
  t.is(parseDuration(30), 30_000);
  for (const text of ['', 'soon', '-1s', '1d', '1e9', '999999h', 's', '1 m'])
    t.is(parseDuration(text), undefined, text);
  fc.assert(
    fc.property(fc.integer({min: 0, max: 2_000_000}), seconds =>
      t.is(parseDuration(seconds), seconds * 1000),
    ),
  );
});
