import {userOf} from './account.ts';
import {type Handle, kernel32} from './kernel32.ts';
import type {Sid} from './sid.ts';
import {textOf} from './text16.ts';

const QUERY_LIMITED_INFORMATION = 0x1000;
/** The longest path that Windows has, in UTF-16 units. */
const PATH_UNITS = 32_768;
/** Used again and again: every connection to a pipe asks. */
const path = new Uint16Array(PATH_UNITS);

/** The full path of a process's program; undefined when it has gone or Windows does not tell. */
export function programOf(pid: number): string | undefined {
  return withProcess(pid, handle => {
    const length = Uint32Array.of(PATH_UNITS);
    const done = kernel32().QueryFullProcessImageNameW(handle, 0, path, length);
    return done ? textOf(path, length[0] ?? 0) : undefined;
  });
}

/** The user that a process runs as; undefined when it has gone or is another user's. */
export function processUser(pid: number): Sid | undefined {
  return withProcess(pid, userOf);
}

function withProcess<T>(pid: number, work: (handle: Handle) => T): T | undefined {
  const handle = kernel32().OpenProcess(QUERY_LIMITED_INFORMATION, 0, pid);
  if (handle === 0) return undefined;
  try {
    return work(handle);
  } finally {
    kernel32().CloseHandle(handle);
  }
}
