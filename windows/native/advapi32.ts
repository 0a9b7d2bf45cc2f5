import type {Threaded} from './in-thread.ts';
import {bind, type Handle} from './kernel32.ts';

export type Advapi32 = ReturnType<typeof declare>;

let declared: Advapi32 | undefined;

/** The functions of advapi32.dll that tell who owns what. Throws FailureError. */
export function advapi32(): Advapi32 {
  declared ??= declare();
  return declared;
}

function declare() {
  const {func} = bind('advapi32.dll');
  return {
    /** All but `group` take pointers; the others point into `descriptor`, which LocalFree frees. */
    GetSecurityInfo: func<
      (
        handle: Handle,
        type: number,
        what: number,
        owner: BigUint64Array,
        group: null,
        dacl: BigUint64Array,
        sacl: BigUint64Array,
        descriptor: BigUint64Array,
      ) => number
    >('uint32 GetSecurityInfo(intptr_t, int, uint32, void *, void *, void *, void *, void *)'),
    OpenProcessToken: func<(process: Handle, access: number, token: BigInt64Array) => number>(
      'int OpenProcessToken(intptr_t, uint32, void *)',
    ),
    GetTokenInformation: func<
      (token: Handle, what: number, into: Uint8Array, size: number, needed: Uint32Array) => number
    >('int GetTokenInformation(intptr_t, int, void *, uint32, void *)'),
    LookupAccountSidW: func<
      Threaded<
        [
          machine: null,
          sid: Uint8Array,
          name: Uint16Array,
          nameLength: Uint32Array,
          domain: Uint16Array,
          domainLength: Uint32Array,
          use: Uint32Array,
        ],
        number
      >
    >('int LookupAccountSidW(void *, void *, void *, void *, void *, void *, void *)'),
  };
}
