import {readFileSync} from 'node:fs';

/** The names under which WSL registers Windows programs (windows-side history: WSL 2.6.1 and 2.6.2). */
const REGISTRATIONS = ['WSLInterop', 'WSLInterop-late'];
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

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
