import {labelOf, userOf} from './account.ts';
import {levelOfSid} from './integrity.ts';
import {type Handle, kernel32} from './kernel32.ts';
import type {Sid} from './sid.ts';
import {textOf} from './text16.ts';

const QUERY_LIMITED_INFORMATION = 0x1000;
/** The longest path that Windows has, in UTF-16 units. */
const PATH_UNITS = 32_768;

/** How many processes are remembered: an agent and a helper or two of its own. */
const KNOWN_MAX = 4;

/**
 * A process that was asked about, with what stays the same while it lives. Its handle is kept, because Windows gives
 * its number to no other process as long as that is open.
 */
type Known = {
  handle: Handle;
  program?: string | undefined;
  user?: Sid | undefined;
  level?: number | undefined;
};

/** Every connection to a pipe asks about the same process. */
const known = new Map<number, Known>();

/** The full path of a process's program; undefined when it has gone or Windows does not tell. */
export function programOf(pid: number): string | undefined {
  const process = know(pid);
  if (process !== undefined) process.program ??= imageName(process.handle);
  return process?.program;
}

/** The user that a process runs as; undefined when it has gone or is another user's. */
export function processUser(pid: number): Sid | undefined {
  const process = know(pid);
  if (process !== undefined) process.user ??= userOf(process.handle);
  return process?.user;
}

/** The integrity level that a process runs at; undefined when it has gone or Windows does not tell. */
export function processLevel(pid: number): number | undefined {
  const process = know(pid);
  if (process !== undefined && process.level === undefined) {
    const label = labelOf(process.handle);
    process.level = label === undefined ? undefined : levelOfSid(label);
  }
  return process?.level;
}

function know(pid: number): Known | undefined {
  const found = known.get(pid);
  if (found !== undefined) return found;
  const handle = kernel32().OpenProcess(QUERY_LIMITED_INFORMATION, 0, pid);
  if (handle === 0) return undefined;
  const [oldest] = known;
  if (oldest !== undefined && known.size >= KNOWN_MAX) {
    known.delete(oldest[0]);
    kernel32().CloseHandle(oldest[1].handle);
  }
  const process: Known = {handle};
  known.set(pid, process);
  return process;
}

function imageName(process: Handle): string | undefined {
  const path = new Uint16Array(PATH_UNITS);
  const length = Uint32Array.of(PATH_UNITS);
  const done = kernel32().QueryFullProcessImageNameW(process, 0, path, length);
  return done ? textOf(path, length[0] ?? 0) : undefined;
}
