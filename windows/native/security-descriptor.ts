import type {Sid} from './sid.ts';

const HEAD_BYTES = 20;
const REVISION = 1;
/** SE_SELF_RELATIVE: offsets in place of pointers. */
const SELF_RELATIVE = 0x8000;
const OWNER_OFFSET = 4;

/** A SECURITY_DESCRIPTOR (winnt.h) that names an owner and leaves everything else to Windows. */
export function ownedBy(owner: Sid): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + owner.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = REVISION;
  view.setUint16(2, SELF_RELATIVE, true);
  view.setUint32(OWNER_OFFSET, HEAD_BYTES, true);
  bytes.set(owner, HEAD_BYTES);
  return bytes;
}
