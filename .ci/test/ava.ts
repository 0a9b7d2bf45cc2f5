import {createInterface} from 'node:readline';
import {execa} from 'execa';
import {type Counts, countResults} from './counts.ts';

/** ava as it is on PATH, and inside a twin with namespaces of its own for each test file. */
const AVA = ['ava'];
const AVA_IN_TWIN = [process.execPath, 'test/twin/enter.ts', '--', process.execPath, 'test/twin/ava.ts'];

/**
 * Runs ava on these files (paths relative to the working directory, the root) and shows what it prints as it
 * comes. A run that ends badly without a failed test, or without any test, counts as one failure.
 */
export async function runAva(files: readonly string[], {inTwin = false} = {}): Promise<Counts> {
  if (files.length === 0) {
    return {passed: 0, failed: 0};
  }
  const [command = '', ...args] = [...(inTwin ? AVA_IN_TWIN : AVA), ...files];
  const run = execa(command, args, {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
    buffer: false,
    reject: false,
  });
  const lines: string[] = [];
  for await (const line of createInterface({input: run.stdout})) {
    console.log(line);
    lines.push(line);
  }
  const {exitCode} = await run;
  const {passed, failed} = countResults(lines);
  if (failed === 0 && (exitCode !== 0 || passed === 0)) {
    console.log(`  ✘ ava ended with exit code ${exitCode} after ${passed} passed`);
    return {passed, failed: 1};
  }
  return {passed, failed};
}
