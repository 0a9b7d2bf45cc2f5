/** The Windows programs of the benchmark, compiled from the C files beside this one and kept between runs. */
import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {Fault} from '../../../.ci/fault.ts';
import {installParts} from '../../twin/agents/apt.ts';
import {AgentsFault} from '../../twin/agents/fault.ts';
import {twinCache} from '../../twin/prefix.ts';

const CC = 'x86_64-w64-mingw32-gcc';
const PARTS = [{proof: CC, package: 'gcc-mingw-w64-x86-64-win32'}];
const FLAGS = ['-O1', '-Wall', '-s', '-D__USE_MINGW_ANSI_STDIO=1'];
const COMPILE_MS = 60_000;

export type Programs = {server: string; client: string};

/**
 * The Linux paths of the pipe server and of the floor's client. A compiler that is not there is installed where that can
 * be done, with a line of progress. Rejects with a `Fault` where it cannot.
 */
export async function windowsPrograms(say: (line: string) => void): Promise<Programs> {
  return {server: await program('pipe-server', say), client: await program('pipe-client', say)};
}

async function program(name: string, say: (line: string) => void): Promise<string> {
  const source = join(import.meta.dirname, `${name}.c`);
  const decides = createHash('sha256')
    .update(FLAGS.join(' '))
    .update(await readFile(source));
  const folder = join(twinCache(), 'bench');
  const exe = join(folder, `${name}-${decides.digest('hex').slice(0, 16)}.exe`);
  if (existsSync(exe)) return exe;
  await mkdir(folder, {recursive: true});
  try {
    await installParts(PARTS, {cache: folder, log: join(folder, 'apt.log'), say});
  } catch (error) {
    if (error instanceof AgentsFault) throw new Fault(`${error.message} (to compile ${name}.c)`, error.hint);
    throw error;
  }
  const work = await mkdtemp(join(folder, 'work-'));
  try {
    const made = join(work, `${name}.exe`);
    await execa(CC, [...FLAGS, source, '-o', made], {timeout: COMPILE_MS, stdin: 'ignore'});
    await rename(made, exe);
    return exe;
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}
