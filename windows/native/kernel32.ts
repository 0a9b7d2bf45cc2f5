import type {Threaded} from './in-thread.ts';
import {library} from './koffi.ts';

/** A kernel handle; -1 is none. */
export type Handle = number;

export const NO_HANDLE: Handle = -1;

/** Windows' error reports of this process are without its heap, through which keys pass: WER_FAULT_REPORTING_FLAG_NOHEAP. */
const NO_HEAP = 1;

export type Kernel32 = ReturnType<typeof declare>;

let declared: Kernel32 | undefined;

/** The functions of kernel32.dll that pipes and processes need, as Microsoft documents them. Throws FailureError. */
export function kernel32(): Kernel32 {
  if (declared !== undefined) return declared;
  declared = declare();
  // what ends node itself is reported to nobody: libuv sets SEM_NOGPFAULTERRORBOX. Some faults pass that by
  declared.WerSetFlags(NO_HEAP);
  return declared;
}

function declare() {
  const {func} = bind('kernel32.dll');
  return {
    CreateFileW: func<
      (
        name: string,
        access: number,
        share: number,
        security: null,
        disposition: number,
        flags: number,
        template: Handle,
      ) => Handle
    >('intptr_t CreateFileW(str16, uint32, uint32, void *, uint32, uint32, intptr_t)'),
    CloseHandle: func<(handle: Handle) => number>('int CloseHandle(intptr_t)'),
    GetLastError: func<() => number>('uint32 GetLastError()'),
    WaitNamedPipeW: func<Threaded<[name: string, milliseconds: number], number>>(
      'int WaitNamedPipeW(str16, uint32)',
    ),
    GetNamedPipeInfo: func<
      (handle: Handle, flags: Uint32Array, out: null, into: null, instances: Uint32Array) => number
    >('int GetNamedPipeInfo(intptr_t, void *, void *, void *, void *)'),
    GetNamedPipeServerProcessId: func<(handle: Handle, pid: Uint32Array) => number>(
      'int GetNamedPipeServerProcessId(intptr_t, void *)',
    ),
    OpenProcess: func<(access: number, inherit: number, pid: number) => Handle>(
      'intptr_t OpenProcess(uint32, int, uint32)',
    ),
    QueryFullProcessImageNameW: func<
      (process: Handle, flags: number, name: Uint16Array, length: Uint32Array) => number
    >('int QueryFullProcessImageNameW(intptr_t, uint32, void *, void *)'),
    WerSetFlags: func<(flags: number) => number>('int32 WerSetFlags(uint32)'),
    LocalFree: func<(memory: bigint) => unknown>('void *LocalFree(void *)'),
  };
}

/** Declares functions of one library in C's own words. */
export function bind(name: string | null) {
  const dll = library(name);
  return {
    func: <T extends (...args: never[]) => unknown>(declaration: string): T =>
      dll.func(declaration) as unknown as T,
  };
}
