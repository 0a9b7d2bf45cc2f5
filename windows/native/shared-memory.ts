import {bind, type Handle, kernel32} from './kernel32.ts';
import {securityAttributes} from './security-attributes.ts';
import {ownedBy} from './security-descriptor.ts';
import type {Sid} from './sid.ts';

const PAGE_READWRITE = 4;
/** FILE_MAP_WRITE, which allows reading too. */
const MAP_WRITE = 2;
const ALREADY_EXISTS = 183;
const NO_FILE: Handle = -1;

/** Memory that another process can open by its name. Must be closed, and not before that process is done with it. */
export type SharedMemory = {
  /** Copies bytes to the memory's start. */
  write(bytes: Uint8Array): void;
  /** A copy of the memory's first bytes. */
  read(length: number): Uint8Array;
  close(): void;
};

/**
 * Makes memory of `size` bytes, all 0, with a name of this logon session and an owner; who may open it is for Windows to
 * decide: the user, and the system. Undefined when the name is taken or Windows has no memory.
 */
export function makeSharedMemory(name: string, size: number, owner: Sid): SharedMemory | undefined {
  const {CreateFileMappingW, MapViewOfFile, UnmapViewOfFile, RtlMoveMemory} = api();
  const {CloseHandle, GetLastError} = kernel32();
  const handle = CreateFileMappingW(
    NO_FILE,
    securityAttributes(ownedBy(owner)),
    PAGE_READWRITE,
    0,
    size,
    name,
  );
  const error = GetLastError();
  if (handle === 0) return undefined;
  const view = error === ALREADY_EXISTS ? 0n : BigInt(MapViewOfFile(handle, MAP_WRITE, 0, 0, size) ?? 0);
  if (view === 0n) {
    CloseHandle(handle);
    return undefined;
  }
  return {
    write(bytes) {
      if (bytes.length > size) throw new RangeError('more than the shared memory holds');
      RtlMoveMemory(view, bytes, bytes.length);
    },
    read(length) {
      const bytes = new Uint8Array(Math.min(length, size));
      RtlMoveMemory(bytes, view, bytes.length);
      return bytes;
    },
    close() {
      UnmapViewOfFile(view);
      CloseHandle(handle);
    },
  };
}

let declared: ReturnType<typeof declare> | undefined;

function api() {
  declared ??= declare();
  return declared;
}

function declare() {
  const {func} = bind('kernel32.dll');
  return {
    CreateFileMappingW: func<
      (
        file: Handle,
        security: Uint8Array,
        protection: number,
        sizeHigh: number,
        sizeLow: number,
        name: string,
      ) => Handle
    >('intptr_t CreateFileMappingW(intptr_t, void *, uint32, uint32, uint32, str16)'),
    MapViewOfFile: func<
      (
        mapping: Handle,
        access: number,
        offsetHigh: number,
        offsetLow: number,
        size: number,
      ) => bigint | number | null
    >('uintptr_t MapViewOfFile(intptr_t, uint32, uint32, uint32, size_t)'),
    UnmapViewOfFile: func<(view: bigint) => number>('int UnmapViewOfFile(uintptr_t)'),
    RtlMoveMemory: func<(to: bigint | Uint8Array, from: bigint | Uint8Array, length: number) => void>(
      'void RtlMoveMemory(void *, void *, size_t)',
    ),
  };
}
