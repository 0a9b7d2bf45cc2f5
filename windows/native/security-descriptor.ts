import type {Sid} from './sid.ts';

const HEAD_BYTES = 20;
const REVISION = 1;
/** SE_SELF_RELATIVE: offsets in place of pointers. */
const SELF_RELATIVE = 0x8000;
/** SE_DACL_PRESENT, SE_SACL_PRESENT, and SE_DACL_PROTECTED: nothing is inherited. */
const WITH_ACLS = 0x0004 | 0x0010 | 0x1000;
const OWNER_OFFSET = 4;
const SACL_OFFSET = 12;
const DACL_OFFSET = 16;

const ACL_HEAD_BYTES = 8;
const ACL_REVISION = 2;
const ACE_HEAD_BYTES = 8;
const ACCESS_ALLOWED_ACE = 0;
const MANDATORY_LABEL_ACE = 0x11;
const GENERIC_ALL = 0x1000_0000;
/** SYSTEM_MANDATORY_LABEL_NO_WRITE_UP, _NO_READ_UP and _NO_EXECUTE_UP: waiting for a mutex counts as executing it. */
const NOTHING_UP = 7;

/** A SECURITY_DESCRIPTOR (winnt.h) that names an owner and leaves everything else to Windows. */
export function ownedBy(owner: Sid): Uint8Array {
  return descriptor(0, owner);
}

/**
 * A SECURITY_DESCRIPTOR that lets nobody but its owner's programs in, and of those none that is below the level of `label`,
 * the SID of a mandatory label.
 */
export function onlyFor(owner: Sid, label: Sid): Uint8Array {
  const dacl = listOf(ACCESS_ALLOWED_ACE, GENERIC_ALL, owner);
  return descriptor(WITH_ACLS, owner, dacl, listOf(MANDATORY_LABEL_ACE, NOTHING_UP, label));
}

function descriptor(control: number, owner: Sid, dacl?: Uint8Array, sacl?: Uint8Array): Uint8Array {
  const parts: [offset: number, part: Uint8Array | undefined][] = [
    [OWNER_OFFSET, owner],
    [DACL_OFFSET, dacl],
    [SACL_OFFSET, sacl],
  ];
  const length = parts.reduce((sum, [, part]) => sum + (part?.length ?? 0), HEAD_BYTES);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = REVISION;
  view.setUint16(2, SELF_RELATIVE | control, true);
  let at = HEAD_BYTES;
  for (const [offset, part] of parts) {
    if (part === undefined) continue;
    view.setUint32(offset, at, true);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An ACL with one entry. SIDs have lengths that are multiples of four, as all parts must have. */
function listOf(type: number, mask: number, sid: Sid): Uint8Array {
  const entry = ACE_HEAD_BYTES + sid.length;
  const bytes = new Uint8Array(ACL_HEAD_BYTES + entry);
  const view = new DataView(bytes.buffer);
  bytes[0] = ACL_REVISION;
  view.setUint16(2, bytes.length, true);
  view.setUint16(4, 1, true);
  bytes[ACL_HEAD_BYTES] = type;
  view.setUint16(ACL_HEAD_BYTES + 2, entry, true);
  view.setUint32(ACL_HEAD_BYTES + 4, mask, true);
  bytes.set(sid, ACL_HEAD_BYTES + ACE_HEAD_BYTES);
  return bytes;
}
