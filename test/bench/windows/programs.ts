/** The Windows programs of the benchmark, compiled from the C files beside this one and kept between runs. */
import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {Fault} from '../../../.ci/fault.ts';
import {twinCache} from '../../twin/prefix.ts';
import {findProgram} from '../../twin/programs.ts';

const CC = 'x86_64-w64-mingw32-gcc';
const FLAGS = ['-O1', '-Wall', '-s', '-D__USE_MINGW_ANSI_STDIO=1'];
const COMPILE_MS = 60_000;

export type Programs = {server: string; client: string};

/** The Linux paths of the pipe server and of the floor's client. Rejects with a `Fault` where there is no compiler. */
export async function windowsPrograms(): Promise<Programs> {
  return {server: await program('pipe-server'), client: await program('pipe-client')};
}

async function program(name: string): Promise<string> {
  const source = join(import.meta.dirname, `${name}.c`);
  const decides = createHash('sha256')
    .update(FLAGS.join(' '))
    .update(await readFile(source));
  const folder = join(twinCache(), 'bench');
  const exe = join(folder, `${name}-${decides.digest('hex').slice(0, 16)}.exe`);
  if (existsSync(exe)) return exe;
  if (findProgram(CC) === undefined)
    throw new Fault(
      `${CC} is not there, which the pipe server is made with`,
      'apt-get install gcc-mingw-w64-x86-64-win32',
    );
  await mkdir(folder, {recursive: true});
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
