import {createHash} from 'node:crypto';
import {cp, mkdir, readFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {type RunResult, run} from './run.ts';

const recipe = fileURLToPath(new URL('build-prefix.sh', import.meta.url));

/** What a command of the machine, not of a twin, sees. Wine 8 crashes without a name and a home. */
const hostEnvironment = {
  PATH: process.env.PATH ?? '',
  LANG: 'C.UTF-8',
  USER: 'ada',
  HOME: '/',
  WINEDEBUG: '-all',
};

function must(what: string, result: RunResult): string {
  if (result.exitCode === 0) return result.stdout.trim();
  throw new Error(`${what} failed with ${result.exitCode}: ${result.stderr.trim()}`);
}

/** Where the parts of a twin that take long to make are kept between runs. */
export function twinCache(): string {
  const {WSLAGENT_TWIN_CACHE: own, XDG_CACHE_HOME: caches} = process.env;
  return own || path.join(caches || path.join(homedir(), '.cache'), 'wslagent');
}

/**
 * The folder of the template prefix, made (10–15 s) when this Wine, this user and this recipe have none yet. Several
 * processes may ask at once: one builds, the others wait, and a builder that is killed leaves nothing behind that counts.
 */
async function templatePrefix(wine: string): Promise<string> {
  const version = must('wine --version', await run(wine, ['--version'], hostEnvironment));
  const key = createHash('sha256')
    .update(`${version}\n${process.getuid?.()}\n`)
    .update(await readFile(recipe))
    .digest('hex');
  const target = path.join(twinCache(), `prefix-${key.slice(0, 16)}`);
  await mkdir(twinCache(), {recursive: true});
  const args = ['--wait', '300', `${target}.lock`, 'sh', recipe, target, wine];
  must('making the Wine prefix', await run('flock', args, hostEnvironment, {timeout: 300_000}));
  return target;
}

/**
 * Makes a prefix of its own at `target`, which must not exist: the registry and the user's folders copied, the Windows
 * folder as real folders full of links to the template (50 ms and 8 MB where a full copy takes seconds and 700 MB).
 */
export async function makePrefix(wine: string, target: string): Promise<void> {
  const template = await templatePrefix(wine);
  const windows = path.join(template, 'drive_c/windows');
  await cp(template, target, {recursive: true, verbatimSymlinks: true, filter: source => source !== windows});
  const args = ['--archive', '--symbolic-link', windows, path.join(target, 'drive_c/windows')];
  must('linking the Windows folder', await run('cp', args, hostEnvironment));
}
