import {entriesOf} from './access-list.ts';
import {formatSid, type Sid} from './sid.ts';

/**
 * The integrity levels of Windows (winnt.h, SECURITY_MANDATORY_*_RID): what a program of one user may do to another of the
 * same user. Browsers and the like run what they do not trust at low or untrusted.
 */
export const INTEGRITY = {untrusted: 0, low: 0x1000, medium: 0x2000, high: 0x3000, system: 0x4000} as const;

/** SYSTEM_MANDATORY_LABEL_ACE_TYPE */
const LABEL_ACE = 0x11;
const LABEL_AUTHORITY = 'S-1-16-';

/** The level that a SID of a mandatory label names; undefined for every other SID. */
export function levelOfSid(sid: Sid): number | undefined {
  const text = formatSid(sid);
  return text.startsWith(LABEL_AUTHORITY) ? Number(text.slice(LABEL_AUTHORITY.length)) : undefined;
}

/** The level in an ACL with an object's mandatory label; undefined when it has none, which counts as medium. */
export function levelInAcl(acl: Uint8Array): number | undefined {
  const label = entriesOf(acl).find(({type}) => type === LABEL_ACE);
  return label && levelOfSid(label.sid);
}

/** `low`, `medium`: the level at or below this number, for people. */
export function integrityName(level: number): string {
  const names = Object.entries(INTEGRITY).filter(([, least]) => least <= level);
  return names.at(-1)?.[0] ?? 'untrusted';
}
