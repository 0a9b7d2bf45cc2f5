import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rename, rm} from 'node:fs/promises';
import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';
import {execa} from 'execa';
import {Fault} from '../fault.ts';
import {npm} from '../npm.ts';
import {step} from '../step.ts';

/** An npm package with a Windows program inside, which npm installs on Windows only. */
export interface PinnedPackage {
  name: string;
  version: string;
  /** In npm's form: `sha512-` and base64. */
  integrity: string;
  /** The file in `.ci` that pins it, without `.json`; also names the folder of the cache. */
  pin: string;
  /** What a person reads while it is fetched: `node.exe 22.23.2 for x64 (about 30 MB)`. */
  about: string;
}

/**
 * The path of the package as npm packs it: from the cache, or fetched into it, or into `work` where no cache can
 * be kept. Checked against the pinned sha512 at every use. Throws Fault.
 */
export async function archiveOf(wanted: PinnedPackage, work: string): Promise<string> {
  const dir = await cacheDir(wanted.pin, work);
  const file = join(dir, tarballOf(wanted));
  if (!(await intact(file, wanted.integrity))) {
    await step(`build: fetching ${wanted.about}`, () => fetchInto(file, wanted, dir));
  }
  return file;
}

/** Unpacks one file of the package into the folder `into` and gives its path. */
export async function unpack(archive: string, member: string, into: string): Promise<string> {
  await execa('tar', ['-xzf', archive, '-C', into, '--no-same-owner', member]);
  return join(into, member);
}

/** Names what a product is made from, for deciding whether it has to be made again. */
export function identityOf({name, version, integrity}: PinnedPackage): string {
  return `${name}@${version} ${integrity}`;
}

/** The name that `npm pack` gives: `@a/b` of version 1.2.3 is `a-b-1.2.3.tgz`. */
function tarballOf({name, version}: PinnedPackage): string {
  return `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;
}

/** A home that cannot be written to (a service account's) costs the cache, not the build. */
async function cacheDir(pin: string, work: string): Promise<string> {
  const base = process.env.XDG_CACHE_HOME ?? '';
  const dir = join(isAbsolute(base) ? base : join(homedir(), '.cache'), 'wslagent', pin);
  try {
    await mkdir(dir, {recursive: true});
    await rm(await mkdtemp(join(dir, '.probe-')), {recursive: true});
    return dir;
  } catch {
    return work;
  }
}

/** Fetches beside the final place and moves in one step, so builds side by side never read half a file. */
async function fetchInto(file: string, wanted: PinnedPackage, dir: string): Promise<void> {
  const spec = `${wanted.name}@${wanted.version}`;
  const fresh = await mkdtemp(join(dir, '.fetch-'));
  try {
    const [command, ...args] = npm('pack', spec, '--pack-destination', fresh, '--ignore-scripts');
    const {failed, stderr} = await execa(command, args, {reject: false, timeout: 600_000, stdin: 'ignore'});
    if (failed) {
      throw new Fault(`cannot fetch ${spec} from the npm registry\n${stderr}`, `npm pack ${spec}`);
    }
    const tarball = join(fresh, tarballOf(wanted));
    if (!(await intact(tarball, wanted.integrity))) {
      throw new Fault(
        `${spec} from the npm registry is not the file that .ci/${wanted.pin}.json records`,
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
