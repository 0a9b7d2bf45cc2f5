import {readSid} from './account.ts';
import {advapi32} from './advapi32.ts';
import {levelInAcl} from './integrity.ts';
import {type Handle, kernel32} from './kernel32.ts';
import {koffi} from './koffi.ts';
import type {Sid} from './sid.ts';

const SE_FILE_OBJECT = 1;
const SE_KERNEL_OBJECT = 6;
/** OWNER_SECURITY_INFORMATION, DACL_SECURITY_INFORMATION, LABEL_SECURITY_INFORMATION */
const OWNER = 1;
const DACL = 4;
const LABEL = 0x10;

/** Whose a kernel object is, and the integrity level of its mandatory label; undefined where there is none. */
export type ObjectSecurity = {owner: Sid | undefined; level: number | undefined};

/** What Windows says of an object that is open for reading; undefined when it does not. */
export function securityOf(handle: Handle): ObjectSecurity | undefined {
  const found = ask(handle, SE_KERNEL_OBJECT, OWNER | LABEL);
  return found && {owner: found.owner, level: found.sacl && levelInAcl(found.sacl)};
}

/** Whose a file or folder is, and who may do what with it; no `dacl` at all lets everybody do everything. */
export function fileSecurity(
  handle: Handle,
): {owner: Sid | undefined; dacl: Uint8Array | undefined} | undefined {
  return ask(handle, SE_FILE_OBJECT, OWNER | DACL);
}

type Answer = {owner: Sid | undefined; dacl: Uint8Array | undefined; sacl: Uint8Array | undefined};

function ask(handle: Handle, kind: number, what: number): Answer | undefined {
  const [owner, dacl, sacl, descriptor] = Array.from({length: 4}, () => new BigUint64Array(1)) as Pointers;
  if (advapi32().GetSecurityInfo(handle, kind, what, owner, null, dacl, sacl, descriptor) !== 0)
    return undefined;
  try {
    return {owner: at(owner, readSid), dacl: at(dacl, readAcl), sacl: at(sacl, readAcl)};
  } finally {
    kernel32().LocalFree(descriptor[0] ?? 0n);
  }
}

type Pointers = [BigUint64Array, BigUint64Array, BigUint64Array, BigUint64Array];

function at<T>([address = 0n]: BigUint64Array, read: (address: bigint) => T | undefined): T | undefined {
  return address === 0n ? undefined : read(address);
}

/** The ACL that an address points to, copied: its size stands in its third and fourth byte. */
function readAcl(address: bigint): Uint8Array {
  const {decode} = koffi();
  const head = Uint8Array.from(decode(address, 'uint8', 4));
  const size = new DataView(head.buffer).getUint16(2, true);
  return Uint8Array.from(decode(address, 'uint8', size));
}
