import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {release} from 'node:os';
import {makeCgroup, removeCgroup, userManagerReachable} from './cgroup.ts';
import {findProgram} from './programs.ts';

/** What a twin can need: Windows programs alone, or a `systemd --user` as well. */
export type Lane = 'wine' | 'systemd';

/** Tries all that `init.sh` does and this kernel may refuse; the exit code says where it ended. */
const trial = `mount -t tmpfs tmpfs /run || exit 11
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || exit 12
echo ":trial:M::MZ::/bin/true:" >/proc/sys/fs/binfmt_misc/register || exit 12`;

const sudo = process.getuid?.() === 0 ? '' : 'sudo ';

function missingPrograms(programs: Record<string, readonly string[]>): string[] {
  return Object.entries(programs)
    .filter(([, names]) => names.some(name => findProgram(name) === undefined && !existsSync(name)))
    .map(([name]) => `${name} is not installed: ${sudo}apt-get install ${name}`);
}

function setting(name: string): string | undefined {
  const file = `/proc/sys/${name}`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function missingNamespaces(): string[] {
  const args = [
    '--user',
    '--map-root-user',
    '--mount',
    '--pid',
    '--ipc',
    '--cgroup',
    '--fork',
    '--mount-proc',
  ];
  const {status} = spawnSync('unshare', [...args, 'sh', '-c', trial], {stdio: 'ignore', timeout: 30_000});
  if (status === 0) return [];
  if (status === 12) {
    return [
      `Linux ${release()} has no binfmt_misc of its own for a user namespace, 6.7 and newer have: ` +
        'upgrade the kernel (on WSL2: wsl.exe --update)',
    ];
  }
  const switches = {
    'kernel/apparmor_restrict_unprivileged_userns': ['1', '0'],
    'kernel/unprivileged_userns_clone': ['0', '1'],
    'user/max_user_namespaces': ['0', '15000'],
  } as const;
  for (const [name, [off, on]] of Object.entries(switches)) {
    if (setting(name) === off) {
      return [`user namespaces are switched off: sudo sysctl -w ${name.replace('/', '.')}=${on}`];
    }
  }
  return ['namespaces cannot be made here: in a container, start it with docker run --privileged'];
}

function missingCgroup(): string[] {
  if (userManagerReachable()) return [];
  const cgroup = makeCgroup();
  if (cgroup !== undefined) {
    removeCgroup(cgroup);
    return [];
  }
  return sudo === ''
    ? [
        'systemd --user needs a cgroup v2 that can be written: mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified',
      ]
    : [
        'systemd --user needs a cgroup of its own, which this user cannot make: sudo loginctl enable-linger $USER',
      ];
}

/**
 * What this machine lacks for a twin: a sentence for each, ending in the command to type; nothing missing gives [].
 * Takes 20 ms, changes nothing. `systemd` includes what `wine` needs.
 */
export function twinMissing(lane: Lane = 'systemd'): string[] {
  if (process.platform !== 'linux')
    return [`the twin needs Linux, this is ${process.platform}: use a virtual machine`];
  const base = missingPrograms({
    'util-linux': ['unshare', 'setpriv', 'mount', 'flock'],
    wine: ['wine', 'wineserver'],
  });
  const wine = [...base, ...(findProgram('unshare') === undefined ? [] : missingNamespaces())];
  if (lane === 'wine') return wine;
  const daemons = ['systemctl', 'journalctl', '/lib/systemd/systemd', '/lib/systemd/systemd-journald'];
  const systemd = [...wine, ...missingPrograms({systemd: daemons})];
  return systemd.length === 0 ? missingCgroup() : systemd;
}
