import {createInterface} from 'node:readline';
import {execa} from 'execa';
import {type Counts, countResults} from './counts.ts';

/** ava as it is on PATH, and inside a twin with namespaces of its own for each test file. */
const AVA = ['ava'];
const AVA_IN_TWIN = [process.execPath, 'test/twin/enter.ts', '--', process.execPath, 'test/twin/ava.ts'];

/** Longer than any one test may take; a file that ended without leaving keeps ava waiting for ever. */
const SILENCE_MS = 900_000;
const KILL_AFTER_MS = 10_000;

/**
 * Runs ava on these files (paths relative to the working directory, the root) and shows what it prints as it
 * comes. A run that ends badly without a failed test, or without any test, counts as one failure; one that is
 * silent for `silenceMs` is ended and counts as one more.
 */
export async function runAva(
  files: readonly string[],
  {inTwin = false, silenceMs = SILENCE_MS} = {},
): Promise<Counts> {
  if (files.length === 0) {
    return {passed: 0, failures: []};
  }
  const [command = '', ...args] = [...(inTwin ? AVA_IN_TWIN : AVA), ...files];
  const run = execa(command, args, {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
    buffer: false,
    reject: false,
    forceKillAfterDelay: KILL_AFTER_MS,
  });
  const output = createInterface({input: run.stdout});
  const lines: string[] = [];
  const show = (line: string) => {
    console.log(line);
    lines.push(line);
  };
  const watch = setTimeout(() => {
    show(`  ✘ nothing was heard of ava for ${silenceMs / 1000} s: it was ended`);
    run.kill();
    // What it leaves behind may hold the pipe open.
    output.close();
    run.stdout.destroy();
  }, silenceMs);
  for await (const line of output) {
    watch.refresh();
    show(line);
  }
  const {exitCode} = await run;
  clearTimeout(watch);
  const {passed, failures} = countResults(lines);
  if (failures.length === 0 && (exitCode !== 0 || passed === 0)) {
    show(`  ✘ ava ended with exit code ${exitCode} after ${passed} passed`);
  }
  return countResults(lines);
}
