import {access, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {runLogged} from './command.ts';
import {AgentsFault} from './fault.ts';
import {withLock} from './lock.ts';
import type {Part} from './recipe.ts';

const PROGRAM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'];

/** Those of `parts` whose program or file is not on this machine. */
async function missingParts(parts: Part[]): Promise<Part[]> {
  const absent = await Promise.all(parts.map(async part => !(await isThere(part.proof))));
  return parts.filter((_, index) => absent[index]);
}

/** Why this machine cannot get the agents built, in one sentence; undefined when it can. */
export async function buildObstacle(parts: Part[]): Promise<AgentsFault | undefined> {
  if (!(await isDebian())) {
    return new AgentsFault(
      'the Windows agents are built from Debian source packages, and this system is not Debian',
      'cat /etc/os-release',
    );
  }
  const missing = await missingParts(parts);
  return missing.length > 0 && process.getuid?.() !== 0 ? missingFault(missing) : undefined;
}

/** Installs what is missing of `parts` through apt-get as root; else rejects and names the command to type. */
export async function installParts(
  parts: Part[],
  {cache, log, say}: {cache: string; log: string; say: (line: string) => void},
): Promise<void> {
  const obstacle = await buildObstacle(parts);
  if (obstacle) {
    throw obstacle;
  }
  if ((await missingParts(parts)).length > 0) {
    await withLock(join(cache, 'apt.lock'), 1800, () => installMissing(parts, log, say));
  }
}

async function installMissing(parts: Part[], log: string, say: (line: string) => void): Promise<void> {
  const packages = packagesOf(await missingParts(parts));
  if (packages.length === 0) {
    return;
  }
  say(`installing ${packages.length} packages to build with, through apt-get (log: ${log})`);
  const options = ['-o', 'DPkg::Lock::Timeout=600'];
  const env = {DEBIAN_FRONTEND: 'noninteractive'};
  // A failing update (a third party's repository that is gone, say) need not stop the packages wanted here.
  await runLogged(log, {command: 'apt-get', args: [...options, 'update'], env}).catch(() => {});
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  await runLogged(log, {command: 'apt-get', args: [...options, ...install], env});
  const missing = await missingParts(parts);
  if (missing.length > 0) {
    throw missingFault(missing);
  }
}

/**
 * The mirror and suite that this machine takes Debian from, as its own apt configuration says. Printing what an
 * update would fetch works as any user, without fetched lists, for one-line and deb822 sources alike.
 */
export async function debianMirror(): Promise<string> {
  const {stdout} = await execa('apt-get', ['update', '--print-uris'], {reject: false, stdin: 'ignore'});
  // Suites with a dash (-security, -updates, -backports) are parts that other suites do not have.
  const mirror = /'([^']+?)\/*dists\/[^/'-]+\/InRelease'/.exec(stdout)?.[1];
  if (mirror === undefined) {
    throw new AgentsFault(
      "this machine's apt configuration names no Debian mirror",
      'apt-get update --print-uris',
    );
  }
  return mirror;
}

async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID="?debian"?$/m.test(release) && (await isThere('apt-get'));
}

async function isThere(proof: string): Promise<boolean> {
  const places = proof.startsWith('/') ? [proof] : PROGRAM_FOLDERS.map(folder => join(folder, proof));
  const found = await Promise.all(
    places.map(place =>
      access(place).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

function missingFault(missing: Part[]): AgentsFault {
  const packages = packagesOf(missing);
  return new AgentsFault(
    `building the Windows agents needs ${packages.length} packages that are not installed`,
    `sudo apt-get install --no-install-recommends ${packages.join(' ')}`,
  );
}

function packagesOf(parts: Part[]): string[] {
  return [...new Set(parts.map(part => part.package))].sort();
}
