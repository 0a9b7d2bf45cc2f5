import {readSid} from './account.ts';
import {advapi32} from './advapi32.ts';
import {levelInAcl} from './integrity.ts';
import {type Handle, kernel32} from './kernel32.ts';
import {koffi} from './koffi.ts';
import type {Sid} from './sid.ts';

const SE_KERNEL_OBJECT = 6;
/** OWNER_SECURITY_INFORMATION, LABEL_SECURITY_INFORMATION */
const OWNER = 1;
const LABEL = 0x10;

/** Whose a kernel object is, and the integrity level of its mandatory label; undefined where there is none. */
export type ObjectSecurity = {owner: Sid | undefined; level: number | undefined};

/** What Windows says of an object that is open for reading; undefined when it does not. */
export function securityOf(handle: Handle): ObjectSecurity | undefined {
  const [owner, label, descriptor] = [new BigUint64Array(1), new BigUint64Array(1), new BigUint64Array(1)];
  const {GetSecurityInfo} = advapi32();
  const error = GetSecurityInfo(
    handle,
    SE_KERNEL_OBJECT,
    OWNER | LABEL,
    owner,
    null,
    null,
    label,
    descriptor,
  );
  if (error !== 0) return undefined;
  try {
    const [ownerAt = 0n] = owner;
    const [labelAt = 0n] = label;
    return {
      owner: ownerAt === 0n ? undefined : readSid(ownerAt),
      level: labelAt === 0n ? undefined : levelInAcl(readAcl(labelAt)),
    };
  } finally {
    kernel32().LocalFree(descriptor[0] ?? 0n);
  }
}

/** The ACL that an address points to, copied: its size stands in its third and fourth byte. */
function readAcl(address: bigint): Uint8Array {
  const {decode} = koffi();
  const head = Uint8Array.from(decode(address, 'uint8', 4));
  const size = new DataView(head.buffer).getUint16(2, true);
  return Uint8Array.from(decode(address, 'uint8', size));
}
