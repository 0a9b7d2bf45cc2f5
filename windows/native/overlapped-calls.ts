import type {Threaded} from './in-thread.ts';
import {bind, type Handle} from './kernel32.ts';

/** An address that koffi gave out: memory that neither moves nor is collected. */
export type Address = bigint;

export type OverlappedCalls = ReturnType<typeof declare>;

/** For GetQueuedCompletionStatusEx: however long it takes. */
export const INFINITE = 0xffff_ffff;

let declared: OverlappedCalls | undefined;

/** The functions of kernel32.dll for reads and writes that are told when they are done. Throws FailureError. */
export function overlappedCalls(): OverlappedCalls {
  declared ??= declare();
  return declared;
}

type Transfer = (
  handle: Handle,
  buffer: Address,
  length: number,
  transferred: null,
  overlapped: Address,
) => number;

type Wait = Threaded<
  [port: Handle, entries: Address, room: number, count: Address, milliseconds: number, alertable: number],
  number
>;

function declare() {
  const {func} = bind('kernel32.dll');
  return {
    CreateIoCompletionPort: func<(file: Handle, port: Handle, key: number, threads: number) => Handle>(
      'intptr_t CreateIoCompletionPort(intptr_t, intptr_t, uintptr_t, uint32)',
    ),
    GetQueuedCompletionStatusEx: func<Wait>(
      'int GetQueuedCompletionStatusEx(intptr_t, void *, uint32, void *, uint32, int)',
    ),
    ReadFile: func<Transfer>('int ReadFile(intptr_t, void *, uint32, void *, void *)'),
    WriteFile: func<Transfer>('int WriteFile(intptr_t, void *, uint32, void *, void *)'),
    CancelIoEx: func<(handle: Handle, overlapped: null) => number>('int CancelIoEx(intptr_t, void *)'),
    GetOverlappedResult: func<
      (handle: Handle, overlapped: Address, count: Uint32Array, wait: number) => number
    >('int GetOverlappedResult(intptr_t, void *, void *, int)'),
    SetNamedPipeHandleState: func<(handle: Handle, mode: Uint32Array, count: null, time: null) => number>(
      'int SetNamedPipeHandleState(intptr_t, void *, void *, void *)',
    ),
  };
}
