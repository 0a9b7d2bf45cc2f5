/** `npm run faults`: what goes wrong for others is done to wslagent, and what is lost and left is counted. */
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {build} from '../../.ci/build/build.ts';
import {Fault, runMain} from '../../.ci/fault.ts';
import {DIST} from '../../linux/helper-command.ts';
import {commit, machine, versions} from '../bench/machine.ts';
import {enter} from '../twin/enter.ts';
import {twinMissing} from '../twin/missing.ts';
import {type Asked, hasFault} from './figures.ts';
import {type Options, readOptions} from './options.ts';
import {QUESTIONS} from './questions.ts';
import {asText, combined, withTable} from './report.ts';
import {type Outcome, type Run, runHere, runInTwin} from './run.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/reliability.md');
const INSIDE = '--inside-twin';

const begun = performance.now();
const say = (line: string) =>
  console.error(`faults: ${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}`);

await runMain('faults', async () => {
  const args = process.argv.slice(2);
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      say(`${signal}: what was started is ended; once more leaves it`);
      over.abort();
    });
  if (args[0] === INSIDE) {
    const [, file = '', ...rest] = args;
    const options = await readOptions(rest);
    await writeFile(file, JSON.stringify(await runInTwin(options, askedWith(options, over.signal))));
    return;
  }
  const options = await readOptions(args);
  const runs: Run[] = [];
  for (const file of options.from) runs.push(await readRun(file));
  if (options.from.length === 0) runs.push(await measure(options, over.signal));
  const run = combined(runs as [Run, ...Run[]]);
  console.log(asText(run));
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(run, null, 2)}\n`);
  if (over.signal.aborted) throw new Fault('it was broken off', 'npm run faults -- --help');
  if (options.docs) {
    await writeFile(PAGE, withTable(await readFile(PAGE, 'utf8'), run));
    say('written: docs/reliability.md');
  }
  process.exitCode = run.parts.some(hasFault) ? 1 : 0;
});

function askedWith({quick, seed}: Options, signal: AbortSignal): Asked {
  return {quick, seed, signal, report: say};
}

async function measure(options: Options, signal: AbortSignal): Promise<Run> {
  const {where, only, build: builds} = options;
  const inTwin = where.includes('twin') && QUESTIONS.some(({name, twin}) => twin && only.includes(name));
  const exe = process.arch === 'arm64' ? ('arm64' as const) : ('x64' as const);
  const [missing] = inTwin ? twinMissing('wine') : [];
  if (builds)
    await build({root: ROOT, dist: DIST, cli: true, exes: inTwin && missing === undefined ? [exe] : []});
  const outcomes: Outcome[] = [];
  if (where.includes('here')) outcomes.push(await runHere(options, askedWith(options, signal)));
  if (missing !== undefined) outcomes.push({parts: [], leftOut: [{what: 'the twin', why: missing}]});
  else if (inTwin && !signal.aborted) outcomes.push(await enterTwin(options));
  return {
    date: new Date().toISOString(),
    ...(await commit(ROOT)),
    machine: machine(),
    versions: await versions(),
    parts: outcomes.flatMap(({parts}) => parts),
    leftOut: outcomes.flatMap(({leftOut}) => leftOut),
  };
}

/** The same program once more, inside. */
async function enterTwin({only, quick, seed}: Options): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'faults-run-'));
  const file = join(folder, 'twin.json');
  const flags = [`--only=${only.join(',')}`, `--seed=${seed}`, ...(quick ? ['--quick'] : [])];
  try {
    const code = await enter([process.execPath, import.meta.filename, INSIDE, file, ...flags]);
    if (code !== 0) throw new Fault(`the twin's part ended with ${code}`, 'npm run faults -- --where twin');
    return JSON.parse(await readFile(file, 'utf8')) as Outcome;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function readRun(file: string): Promise<Run> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Run;
  } catch (error) {
    throw new Fault(`${file} is no file of results: ${error}`, 'npm run faults -- --help');
  }
}
