import {inThread} from './in-thread.ts';
import {type Handle, kernel32, NO_HANDLE} from './kernel32.ts';
import {type ObjectSecurity, securityOf} from './object-security.ts';
import {processLevel, processUser} from './process.ts';

const GENERIC_READ_WRITE = 0xc000_0000;
const OPEN_EXISTING = 3;
/** FILE_FLAG_OVERLAPPED, and SECURITY_SQOS_PRESENT with SECURITY_IDENTIFICATION: the server learns who we are and cannot act as us. */
const FLAGS = 0x4000_0000 | 0x0010_0000 | 0x0001_0000;
const PIPE_TYPE_MESSAGE = 4;
const NMPWAIT_NOWAIT = 1;

/** An open pipe, which must be closed or handed on. */
export type PipeHandle = {
  handle: Handle;
  /** The pipe keeps the borders of what is written: PIPE_TYPE_MESSAGE. */
  messages: boolean;
  /** How many clients it can have at a time; 255 is "without limit". */
  instances: number;
  /** The process that serves it; 0 when Windows does not tell. */
  serverPid: number;
};

/** Windows' number for what went wrong; `notPipe` for a disk file or device, which was closed untouched. */
export type PipeRefusal = {error: number} | {error: 'notPipe'};

/** Opens `\\.\pipe\NAME`. Does not wait: a busy pipe is error 231. Throws FailureError when koffi cannot be loaded. */
export function openPipeHandle(path: string): PipeHandle | PipeRefusal {
  const api = kernel32();
  const handle = api.CreateFileW(path, GENERIC_READ_WRITE, 0, null, OPEN_EXISTING, FLAGS, 0);
  if (handle === NO_HANDLE) return {error: api.GetLastError()};
  const flags = new Uint32Array(1);
  const instances = new Uint32Array(1);
  if (!api.GetNamedPipeInfo(handle, flags, null, null, instances)) {
    api.CloseHandle(handle);
    return {error: 'notPipe'};
  }
  const pid = new Uint32Array(1);
  api.GetNamedPipeServerProcessId(handle, pid);
  return {
    handle,
    messages: ((flags[0] ?? 0) & PIPE_TYPE_MESSAGE) !== 0,
    instances: instances[0] ?? 0,
    serverPid: pid[0] ?? 0,
  };
}

/** Whether `\\.\pipe\NAME` has an instance that nobody has taken. Looks without connecting. */
export function pipeListens(path: string): boolean {
  return kernel32().WaitNamedPipeW(path, NMPWAIT_NOWAIT) !== 0;
}

/** Waits until `\\\\.\\pipe\\NAME` has an instance that nobody has taken, at most so many milliseconds. Never rejects. */
export async function pipeRoom(path: string, milliseconds: number): Promise<void> {
  // 0 would be the time that the server has set
  await inThread(kernel32().WaitNamedPipeW, path, Math.max(1, Math.ceil(milliseconds)));
}

/**
 * Whose the pipe is, and the integrity level of what is behind it: the lowest of the pipe's label and the process that
 * serves it. A pipe without an owner, which Wine has where none was given, belongs to the user of that process.
 */
export function pipeSecurity({handle, serverPid}: PipeHandle): ObjectSecurity {
  const security = securityOf(handle);
  const levels = [security?.level, processLevel(serverPid)].filter(level => level !== undefined);
  const owner = security === undefined ? undefined : (security.owner ?? processUser(serverPid));
  return {owner, level: levels.length === 0 ? undefined : Math.min(...levels)};
}
