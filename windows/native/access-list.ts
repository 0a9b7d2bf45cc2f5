import {formatSid, type Sid, sidLength} from './sid.ts';

const ACL_HEAD_BYTES = 8;
const ENTRY_HEAD_BYTES = 4;
const MASK_BYTES = 4;

const ALLOWED = 0;
const ALLOWED_CALLBACK = 9;
const INHERIT_ONLY = 8;

/** One ACE (winnt.h) of those kinds that have a mask and a SID, which are all that matter here. */
export type AccessEntry = {type: number; flags: number; mask: number; sid: Sid};

/** The entries of an ACL as it lies in memory; what is cut short or strange ends the list. */
export function entriesOf(acl: Uint8Array): AccessEntry[] {
  const view = new DataView(acl.buffer, acl.byteOffset, acl.byteLength);
  const entries: AccessEntry[] = [];
  let left = acl.length < ACL_HEAD_BYTES ? 0 : view.getUint16(4, true);
  for (let at = ACL_HEAD_BYTES; left > 0 && at + ENTRY_HEAD_BYTES + MASK_BYTES + 2 <= acl.length; left--) {
    const size = view.getUint16(at + 2, true);
    const sidAt = at + ENTRY_HEAD_BYTES + MASK_BYTES;
    const length = sidLength(acl.subarray(sidAt, sidAt + 2));
    if (length === 0 || sidAt + length > Math.min(at + size, acl.length)) break;
    const sid = acl.subarray(sidAt, sidAt + length);
    entries.push({
      type: acl[at] ?? 0,
      flags: acl[at + 1] ?? 0,
      mask: view.getUint32(at + ENTRY_HEAD_BYTES, true),
      sid,
    });
    at += size;
  }
  return entries;
}

/**
 * The first who is allowed any of these rights by an object's DACL and is not trusted. What forbids is not looked at: who
 * is named there and here would be refused all the same.
 */
export function allowedStranger(
  dacl: Uint8Array,
  rights: number,
  trusted: (sid: string) => boolean,
): Sid | undefined {
  const found = entriesOf(dacl).find(
    ({type, flags, mask, sid}) =>
      (type === ALLOWED || type === ALLOWED_CALLBACK) &&
      (flags & INHERIT_ONLY) === 0 &&
      (mask & rights) !== 0 &&
      !trusted(formatSid(sid)),
  );
  return found?.sid;
}
