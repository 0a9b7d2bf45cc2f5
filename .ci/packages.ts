import {access, constants} from 'node:fs/promises';
import {delimiter, isAbsolute, join} from 'node:path';
import {execa} from 'execa';
import {step} from './step.ts';

/** A Debian package, and the command or (as an absolute path) the file that shows it is there. */
interface Package {
  name: string;
  has: string;
}

/** The one place that names system packages, by what needs them; `test/twin/agents` knows what it builds with. */
export const PACKAGES = {
  wine: [{name: 'wine', has: 'wine'}],
  systemd: [
    {name: 'systemd', has: '/lib/systemd/systemd'},
    {name: 'dbus-user-session', has: '/usr/lib/systemd/user/dbus.socket'},
  ],
  ssh: [{name: 'openssh-client', has: 'ssh-keygen'}],
  sshd: [{name: 'openssh-server', has: 'sshd'}],
  gpg: [{name: 'gnupg', has: 'gpg'}],
  git: [{name: 'git', has: 'git'}],
  zsh: [{name: 'zsh', has: 'zsh'}],
  fish: [{name: 'fish', has: 'fish'}],
  socat: [{name: 'socat', has: 'socat'}],
  cc: [
    {name: 'gcc', has: 'cc'},
    {name: 'libc6-dev', has: '/usr/include/stdlib.h'},
  ],
} as const satisfies Record<string, readonly Package[]>;

/** Daemons live where an ordinary user's PATH does not look. */
const DAEMON_FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin'];
const APT_MS = 900_000;

/**
 * Sees to it that the system has what is needed: as root on Debian or Ubuntu missing packages are installed.
 * Gives for each need that is still not met a sentence with the command to type.
 */
export async function ensurePackages<Need extends string>(
  needs: Readonly<Record<Need, readonly Package[]>>,
): Promise<Map<Need, string>> {
  const wanted = Object.values<readonly Package[]>(needs).flat();
  const missing = await missingOf(wanted);
  const isRoot = process.getuid?.() === 0;
  const hasApt = await isThere('apt-get');
  if (missing.length > 0 && isRoot && hasApt) {
    await install(missing);
  }
  const unmet = new Map<Need, string>();
  for (const need of Object.keys(needs) as Need[]) {
    const names = await missingOf(needs[need]);
    if (names.length > 0) {
      const how = hasApt ? `${isRoot ? '' : 'sudo '}apt-get install` : "Debian's names are";
      unmet.set(need, `not installed: ${how} ${names.join(' ')}`);
    }
  }
  return unmet;
}

async function missingOf(packages: readonly Package[]): Promise<string[]> {
  const there = await Promise.all(packages.map(({has}) => isThere(has)));
  return packages.filter((_, i) => !there[i]).map(({name}) => name);
}

async function isThere(has: string): Promise<boolean> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...DAEMON_FOLDERS];
  const paths = isAbsolute(has) ? [has] : folders.map(folder => join(folder, has));
  const tries = await Promise.allSettled(paths.map(path => access(path, constants.R_OK)));
  return tries.some(({status}) => status === 'fulfilled');
}

/** Errors are shown, not thrown: what the packages were for is then left out, and says so. */
async function install(packages: readonly string[]): Promise<void> {
  const result = await step(`setup: apt-get install ${packages.join(' ')}`, async () => {
    // Lists that cannot be refreshed may still be good enough.
    await apt('update');
    return apt('install', '--yes', '--no-install-recommends', ...packages);
  });
  if (result.failed) {
    console.error(result.all);
  }
}

function apt(...args: string[]) {
  return execa('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=600', ...args], {
    env: {DEBIAN_FRONTEND: 'noninteractive'},
    stdin: 'ignore',
    reject: false,
    all: true,
    timeout: APT_MS,
  });
}
