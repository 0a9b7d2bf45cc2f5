import {readdirSync, readFileSync} from 'node:fs';

/** The names under which WSL registers Windows programs (windows-side history: WSL 2.6.1 and 2.6.2). */
const REGISTRATIONS = ['WSLInterop', 'WSLInterop-late'];
/** What to do where there is no systemd (shared/hint.ts). */
export const SYSTEMD_OFF = 'write systemd=true below [boot] into /etc/wsl.conf\nwsl.exe --shutdown';
/** What to do when Windows programs cannot be started at all. */
export const INTEROP_OFF = 'write enabled=true below [interop] into /etc/wsl.conf\nwsl.exe --shutdown';

const BINFMT = '/proc/sys/fs/binfmt_misc';

export type Interop = {
  /** The name in binfmt_misc under which Windows programs can be started; undefined when none is enabled. */
  registration: string | undefined;
  /** The kernel is WSL's, or Windows programs can be started. */
  isWsl: boolean;
};

/** Whether this is WSL and whether it can start Windows programs now. The one place that decides it. */
export function interop(): Interop {
  const registration = REGISTRATIONS.find(name => read(`${BINFMT}/${name}`).startsWith('enabled'));
  const kernel = /microsoft/i.test(read('/proc/sys/kernel/osrelease'));
  return {registration, isWsl: kernel || registration !== undefined};
}

/**
 * Whether the kernel hands Windows programs to anybody, by whatever name; undefined where binfmt_misc is not to be seen.
 * Its entries are described in the kernel's admin-guide/binfmt-misc.rst.
 */
export function runsWindowsPrograms(): boolean | undefined {
  if (read(`${BINFMT}/status`) === '') return undefined;
  if (read(`${BINFMT}/status`).startsWith('disabled')) return false;
  return readdirSync(BINFMT).some(name =>
    /^enabled$.*^offset 0$.*^magic 4d5a/ms.test(read(`${BINFMT}/${name}`)),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
