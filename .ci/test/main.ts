/** The main part of `npm test`: build, checks, and every test that this machine can run. */
import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {ARCHES} from '../build/arch.ts';
import {build} from '../build/build.ts';
import {runMain} from '../fault.ts';
import {npm} from '../npm.ts';
import {seconds} from '../step.ts';
import {runAva} from './ava.ts';
import {meetNeeds, statedNeeds} from './needs.ts';
import {select} from './select.ts';

const ROOT = join(import.meta.dirname, '../..');
const IN_TWIN = join('test', 'twin', '/');
/** These make exes and keep every core busy: beside them, tests of time limits would fail on a small machine. */
const OF_BUILD = join('test', 'build', '/');

await runMain('test', async () => {
  process.chdir(ROOT);
  const files = await testFiles();
  const inTwin = files.filter(file => file.startsWith(IN_TWIN));
  const ofBuild = files.filter(file => file.startsWith(OF_BUILD));
  const plain = files.filter(file => ![...inTwin, ...ofBuild].includes(file));
  const stated = await statedNeeds(inTwin);
  const statedHere = await statedNeeds(plain, {inTwin: false});
  await stage('build', () => build({root: ROOT, dist: join(ROOT, 'dist'), cli: true, exes: ARCHES}));
  const isClean = await stage('check', check);
  const unmet = await stage('what the tests need', meetNeeds);
  const [here, twin] = [select(statedHere, unmet), select(stated, unmet)];
  const leftOut = [...here.leftOut, ...twin.leftOut];
  const counts = [
    await stage('tests', () => runAva(here.run)),
    await stage('tests of the build', () => runAva(ofBuild)),
    await stage('tests in the twin', () => runAva(twin.run, {inTwin: true})),
  ];

  for (const sentence of leftOut) {
    console.log(`left out: ${sentence}`);
  }
  if (!isClean) {
    console.log('npm run check has findings: they are above');
  }
  const passed = counts.reduce((sum, run) => sum + run.passed, 0);
  const failures = counts.flatMap(run => run.failures);
  const isWhole = leftOut.length === 0 || process.env.CI !== 'true';
  process.exitCode = isClean && isWhole && failures.length === 0 ? 0 : 1;
  // once more at the end, where someone who sees only that finds it
  console.log([...failures, `${passed} passed, ${failures.length} failed`].join('\n'));
});

/** Relative to the root, in a fixed order. */
async function testFiles(): Promise<string[]> {
  const names = await readdir('test', {recursive: true});
  return names
    .filter(name => name.endsWith('.test.ts'))
    .sort()
    .map(name => join('test', name));
}

/** Types, lint, dead code and import boundaries, as `npm run check` has them; shown when there are findings. */
async function check(): Promise<boolean> {
  const [command, ...args] = npm('run', '--silent', 'check');
  const {failed, all} = await execa(command, args, {reject: false, all: true, stdin: 'ignore'});
  if (failed) {
    console.log(all);
  }
  return !failed;
}

/** Runs one part under a heading and says at its end how long it took. */
async function stage<T>(title: string, work: () => Promise<T>): Promise<T> {
  console.log(`== ${title}`);
  const started = performance.now();
  const result = await work();
  console.log(`== ${title}: ${seconds(performance.now() - started)}\n`);
  return result;
}
