/** The main part of `npm start`: build, then inside WSL2 install and show the status, elsewhere the trial. */
import {join} from 'node:path';
import {execa} from 'execa';
import {interop} from '../../linux/wsl.ts';
import {ARCHES} from '../build/arch.ts';
import {build} from '../build/build.ts';
import {runMain} from '../fault.ts';
import {ensurePackages, PACKAGES} from '../packages.ts';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');

await runMain('start', async () => {
  // Windows and its WSL2 are of one architecture, so this is the exe that can run here.
  const exes = ARCHES.filter(arch => arch === process.arch);
  await build({root: ROOT, dist: DIST, cli: true, exes});
  if (interop().isWsl) {
    // where nobody sits who could be asked, what is found is taken
    const unasked = process.stdin.isTTY && process.stderr.isTTY ? [] : ['--yes'];
    process.exitCode = (await wslagent('install', '--now', ...unasked)) || (await wslagent('status'));
    return;
  }
  const {wine, ssh} = PACKAGES;
  for (const [need, sentence] of await ensurePackages({wine, ssh})) {
    console.error(`start: ${need} is ${sentence}`);
  }
  process.exitCode = await wslagent('trial');
});

/** Runs the built CLI with the terminal as its own; gives its exit code. */
async function wslagent(...args: string[]): Promise<number> {
  const {exitCode} = await execa(process.execPath, [join(DIST, 'wslagent.mjs'), ...args], {
    stdio: 'inherit',
    reject: false,
  });
  return exitCode ?? 1;
}
