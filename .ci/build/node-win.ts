import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rename, rm} from 'node:fs/promises';
import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';
import {execa} from 'execa';
import {Fault} from '../fault.ts';
import pinned from '../node-win.json' with {type: 'json'};
import {npm} from '../npm.ts';
import {step} from '../step.ts';

export type Arch = 'x64' | 'arm64';
export const ARCHES: readonly Arch[] = ['x64', 'arm64'];
export const NODE_VERSION = pinned.version;

/**
 * The path of the npm package that holds `node.exe`, as `.ci/node-win.json` names it: from the cache, or fetched
 * into it, or into `work` where no cache can be kept. Checked against the recorded sha512 at every use.
 */
export async function nodeArchive(arch: Arch, work: string): Promise<string> {
  const {name, integrity} = pinned.packages[arch];
  const dir = await cacheDir(work);
  const file = join(dir, `${name}-${pinned.version}.tgz`);
  if (!(await intact(file, integrity))) {
    await step(`build: fetching node.exe ${pinned.version} for ${arch} (about 30 MB)`, () =>
      fetchInto(file, arch, dir),
    );
  }
  return file;
}

/** Unpacks `node.exe` into the folder `into` and gives its path. */
export async function unpackNodeExe(archive: string, into: string): Promise<string> {
  await execa('tar', ['-xzf', archive, '-C', into, '--no-same-owner', 'package/bin/node.exe']);
  return join(into, 'package/bin/node.exe');
}

/** Names what the exe is made from, for deciding whether it has to be made again. */
export function nodeExeIdentity(arch: Arch): string {
  return `${pinned.packages[arch].name}@${pinned.version} ${pinned.packages[arch].integrity}`;
}

/** A home that cannot be written to (a service account's) costs the cache, not the build. */
async function cacheDir(work: string): Promise<string> {
  const base = process.env.XDG_CACHE_HOME ?? '';
  const dir = join(isAbsolute(base) ? base : join(homedir(), '.cache'), 'wslagent', 'node-win');
  try {
    await mkdir(dir, {recursive: true});
    await rm(await mkdtemp(join(dir, '.probe-')), {recursive: true});
    return dir;
  } catch {
    return work;
  }
}

/** Fetches beside the final place and moves in one step, so builds side by side never read half a file. */
async function fetchInto(file: string, arch: Arch, dir: string): Promise<void> {
  const {name, integrity} = pinned.packages[arch];
  const spec = `${name}@${pinned.version}`;
  const fresh = await mkdtemp(join(dir, '.fetch-'));
  try {
    const [command, ...args] = npm('pack', spec, '--pack-destination', fresh, '--ignore-scripts');
    const {failed, stderr} = await execa(command, args, {reject: false, timeout: 600_000, stdin: 'ignore'});
    if (failed) {
      throw new Fault(`cannot fetch ${spec} from the npm registry\n${stderr}`, `npm pack ${spec}`);
    }
    const tarball = join(fresh, `${name}-${pinned.version}.tgz`);
    if (!(await intact(tarball, integrity))) {
      throw new Fault(
        `${spec} from the npm registry is not the file that .ci/node-win.json records`,
        `npm view ${spec} dist.integrity`,
      );
    }
    await rename(tarball, file);
  } finally {
    await rm(fresh, {recursive: true, force: true});
  }
}

async function intact(file: string, integrity: string): Promise<boolean> {
  try {
    const digest = createHash('sha512')
      .update(await readFile(file))
      .digest('base64');
    return `sha512-${digest}` === integrity;
  } catch {
    return false;
  }
}
