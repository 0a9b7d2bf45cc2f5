/** `npm run bench`: wslagent measured in the twin, beside its peers. */
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {build} from '../../.ci/build/build.ts';
import {Fault, runMain} from '../../.ci/fault.ts';
import {DIST} from '../../linux/helper-command.ts';
import {ensureAgents} from '../twin/agents/ensure.ts';
import {enter} from '../twin/enter.ts';
import {twinMissing} from '../twin/missing.ts';
import {commit, machine, versions} from './machine.ts';
import {type Options, readOptions} from './options.ts';
import {comparison} from './report/compare.ts';
import {resultPlot, withResults} from './report/docs.ts';
import {FORMAT, parseRun, type Run} from './report/schema.ts';
import {resultTables} from './report/tables.ts';
import {asText} from './report/text.ts';
import {runInTwin} from './run.ts';
import {windowsPrograms} from './windows/programs.ts';

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(import.meta.dirname, 'results');
const INSIDE = '--inside-twin';

const begun = performance.now();
const say = (line: string) =>
  console.error(`bench: ${((performance.now() - begun) / 1000).toFixed(0).padStart(3)} s  ${line}`);

await runMain('bench', async () => {
  const args = process.argv.slice(2);
  if (args[0] === INSIDE) {
    const [, file = '', ...rest] = args;
    await inside(file, await readOptions(rest));
    return;
  }
  const options = await readOptions(args);
  const file = options.from ?? (await measure(options, args));
  if (file === undefined) return;
  const run = await readRun(file);
  const compared = options.compare === undefined ? [] : [comparison(await readRun(options.compare), run)];
  console.log(asText([...resultTables(run), ...compared]));
  if (options.docs) await writeDocs(run);
});

/** Makes what is needed, runs everything in the twin, and gives the file of results; undefined when it was broken off. */
async function measure(options: Options, args: readonly string[]): Promise<string | undefined> {
  const missing = twinMissing('wine');
  if (missing[0] !== undefined) throw new Fault('the twin cannot run on this machine', missing.join('; '));
  if (options.build)
    await build({root: ROOT, dist: DIST, cli: true, exes: [process.arch === 'arm64' ? 'arm64' : 'x64']});
  await windowsPrograms(say);
  if (options.servers.includes('pageant'))
    await ensureAgents({pageant: true, onProgress: say}).catch(error => say(`no Pageant: ${error.message}`));
  const {commit: name} = await commit(ROOT);
  const date = new Date().toISOString().slice(0, 16).replace(':', '');
  const file = options.out ?? join(RESULTS, `${date}-${name}${options.quick ? '-quick' : ''}.json`);
  process.exitCode = await enter([process.execPath, import.meta.filename, INSIDE, file, ...args]);
  if (process.exitCode !== 0) return undefined;
  say(`results: ${file}`);
  return file;
}

async function inside(file: string, options: Options): Promise<void> {
  const run: Run = {
    format: FORMAT,
    date: new Date().toISOString(),
    ...(await commit(ROOT)),
    flags: flagsOf(options),
    quick: options.quick,
    machine: machine(),
    versions: await versions(),
    seconds: 0,
    ...(await runInTwin(options, say)),
  };
  run.seconds = Math.round((performance.now() - begun) / 1000);
  await mkdir(dirname(file), {recursive: true});
  await writeFile(file, `${JSON.stringify(run, null, 2)}\n`);
}

async function writeDocs(run: Run): Promise<void> {
  const page = join(ROOT, 'docs/performance.md');
  await writeFile(page, withResults(await readFile(page, 'utf8'), run));
  await writeFile(join(ROOT, 'docs/performance.svg'), resultPlot(run));
  say('written: docs/performance.md and docs/performance.svg');
}

async function readRun(file: string): Promise<Run> {
  try {
    return parseRun(await readFile(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Fault(`${file} is no file of results: ${why}`, 'npm run bench -- --help');
  }
}

/** What was measured, as flags; paths of files stay out of the results. */
function flagsOf({only, ways, servers, quick}: Options): string[] {
  const lists = Object.entries({only, paths: ways, servers}).map(
    ([name, words]) => `--${name}=${words.join(',')}`,
  );
  return quick ? ['--quick', ...lists] : lists;
}
