import {mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {Fault} from '../fault.ts';
import {pageAligned} from './align.ts';
import type {Arch} from './arch.ts';
import {NODE_VERSION, unpackNodeExe} from './node-win.ts';
import {CONSOLE_SUBSYSTEM, MACHINE, readPe} from './pe.ts';
import {type Identity, withIdentity} from './resources.ts';

/** The script as the exe names it: the same in every folder, and no home directory ends up in the file. */
const SCRIPT = 'wslagent-helper.cjs';
const PACKER = fileURLToPath(new URL('pack.ts', import.meta.url));

/** What one exe is made of. */
export interface Ingredients {
  arch: Arch;
  /** The npm package with node.exe. */
  archive: string;
  /** The bundled helper. */
  script: string;
  identity: Identity;
}

/** Makes one exe and gives its path inside `work`. Same ingredients: same bytes. */
export async function makeExe({arch, archive, script, identity}: Ingredients, work: string): Promise<string> {
  const dir = await mkdtemp(join(work, `exe-${arch}-`));
  const output = join(dir, identity.originalFilename);
  const branded = withIdentity(await readFile(await unpackNodeExe(archive, dir)), identity);
  const home = await seedPkgCache(dir, arch, branded);
  const source = join(dir, SCRIPT);
  await writeFile(source, script);
  // In a process of its own: pkg changes the working directory and takes its cache and temp folder from here.
  const packed = await execa(process.execPath, [PACKER, arch, source, output], {
    cwd: dir,
    env: {HOME: home, TMPDIR: dir, NODE_OPTIONS: undefined},
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: 300_000,
  });
  if (packed.failed) {
    throw new Fault(`pkg could not make the ${arch} exe\n${packed.all}`, 'npm ci');
  }
  await writeFile(output, pageAligned(await readFile(output)));
  await assertShippable(output, arch, dir);
  return output;
}

/**
 * Lays out what pkg leaves behind after a download, so that it finds node.exe and fetches nothing. The empty
 * archives are only looked at for being there.
 */
async function seedPkgCache(dir: string, arch: Arch, exe: Uint8Array): Promise<string> {
  const home = join(dir, 'home');
  const cache = join(home, '.pkg-cache', 'sea');
  const name = `node-v${NODE_VERSION}-win-${arch}`;
  await mkdir(cache, {recursive: true});
  await writeFile(join(cache, `${name}.exe`), exe);
  for (const marker of ['zip', 'zip.ok', 'exe.ok']) {
    await writeFile(join(cache, `${name}.${marker}`), '');
  }
  return home;
}

/** The faults that Windows would show only to a user: a broken signature, a GUI program, a path of this machine. */
async function assertShippable(path: string, arch: Arch, dir: string): Promise<void> {
  const bytes = await readFile(path);
  const facts = readPe(bytes);
  const faults = [
    facts.machine !== MACHINE[arch] && `machine type ${facts.machine}`,
    facts.subsystem !== CONSOLE_SUBSYSTEM && `subsystem ${facts.subsystem}`,
    facts.certificateBytes !== 0 && 'a signature that does not fit',
    !bytes.includes(`../${SCRIPT}`) && 'no script inside',
    bytes.includes(dir) && 'a path of this machine inside',
  ].filter(fault => fault !== false);
  if (faults.length > 0) {
    throw new Fault(`the ${arch} exe came out with ${faults.join(', ')}`, 'npm ci');
  }
}
