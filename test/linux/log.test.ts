import {spawnSync} from 'node:child_process';
import {closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';

const LOG = join(import.meta.dirname, '..', '..', 'linux', 'log.ts');

const CODE = `
  const {createLog} = await import(${JSON.stringify(LOG)});
  const log = await createLog(process.argv[1]);
  for (const level of ['error', 'warning', 'info', 'debug']) log[level]('this is ' + level);
`;

/** What a log says on stderr, which is a file; `stream` gives JOURNAL_STREAM for that file. */
function said(t: ExecutionContext, level: string, stream?: (fd: number) => string) {
  const folder = mkdtempSync(join(tmpdir(), 'wslagent-log-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const fd = openSync(join(folder, 'stderr'), 'w+');
  const {JOURNAL_STREAM: _, ...env} = process.env;
  if (stream !== undefined) env.JOURNAL_STREAM = stream(fd);
  const {stdout} = spawnSync(process.execPath, ['--input-type=module', '--eval', CODE, level], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', fd],
  });
  closeSync(fd);
  t.is(stdout, '');
  return readFileSync(join(folder, 'stderr'), 'utf8');
}

const ofFile = (fd: number) => `${fstatSync(fd).dev}:${fstatSync(fd).ino}`;

test('the journal gets its priorities, without time', t => {
  t.is(said(t, 'debug', ofFile), '<3>this is error\n<4>this is warning\n<6>this is info\n<7>this is debug\n');
});

test('a level keeps back what is less grave', t => {
  t.is(said(t, 'warning', ofFile), '<3>this is error\n<4>this is warning\n');
});

test('anything else gets time and level', t => {
  const lines = said(t, 'info').trimEnd().split('\n');
  t.is(lines.length, 3);
  t.regex(lines[0] ?? '', /^\d{4}-\d\d-\d\dT[0-9:.]+Z error: this is error$/);
});

test('a journal that is inherited and is not this stderr is not believed', t => {
  t.regex(
    said(t, 'error', () => '8:1'),
    /^\d{4}-.* error: this is error\n$/,
  );
});
