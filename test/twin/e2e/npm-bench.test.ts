// needs: wine
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {parseRun} from '../../bench/report/schema.ts';
import {twinHasSystemd} from '../twin.ts';

// Whether the benchmark runs to its end and tells everything; what it tells is for people.

const MAIN = path.join(import.meta.dirname, '..', '..', 'bench', 'main.ts');
const LONGEST_MS = 240_000;

test('npm run bench: every question has its answers, nothing fails, and nothing stays', async t => {
  t.timeout(LONGEST_MS);
  const folder = await mkdtemp(path.join(tmpdir(), 'wslagent-bench-'));
  t.teardown(() => rm(folder, {recursive: true}));
  const file = path.join(folder, 'results.json');
  const flags = ['--quick', '--servers', 'nothing', '--paths', 'wslagent,npiperelay'];
  const {exitCode, stderr} = await execa(process.execPath, [MAIN, '--inside-twin', file, ...flags], {
    reject: false,
    stdin: 'ignore',
    timeout: LONGEST_MS,
    env: {BENCH_NPIPERELAY: undefined},
  });
  t.is(exitCode, 0, stderr);
  const run = parseRun(await readFile(file, 'utf8'));
  t.true(run.quick);
  t.regex(run.machine.kernel, /^\d/);
  t.deepEqual(run.leftOut, [
    {what: 'npiperelay', why: 'BENCH_NPIPERELAY names no npiperelay.exe'},
    ...(twinHasSystemd()
      ? []
      : [{what: 'wslagent: after idle exit', why: 'there is no systemd in this twin'}]),
  ]);
  const asked = (question: string) => run.results.filter(result => result.question === question);
  for (const question of ['fresh', 'first', 'spaced', 'second', ...(twinHasSystemd() ? ['idle'] : [])]) {
    t.is(asked(question).length, 1, question);
    for (const result of asked(question))
      t.like(result, {way: 'wslagent', server: 'nothing', failures: 0}, question);
  }
  for (const question of ['burst', 'held', 'stream', 'long']) t.true(asked(question).length > 0, question);
  for (const result of run.results) {
    t.is(result.way, 'wslagent');
    if ('failures' in result) t.is(result.failures, 0, result.question);
    if (result.question === 'stream') t.true(result.mebibytesPerSecond > 0);
    if (result.question === 'held') {
      t.is(result.linux.processes, 1);
      t.true(result.windows.processes > 0);
      for (const {pss, anonymous, own} of [result.linux, result.windows])
        t.true(pss > anonymous && anonymous >= own);
    }
  }
  const streams = run.results.flatMap(result => (result.question === 'stream' ? [result.cpu] : []));
  for (const side of ['linux', 'windows', 'wineserver'] as const)
    t.true(
      streams.some(cpu => cpu[side] > 0),
      side,
    );
});
