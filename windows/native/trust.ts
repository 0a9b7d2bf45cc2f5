import {accountName, currentUser} from './account.ts';
import {formatSid, type Sid} from './sid.ts';

/** The system, and administrators: who is one of them needs no pipe to get at our keys. */
const TRUSTED = new Set(['S-1-5-18', 'S-1-5-32-544']);

/** Whose it is when it is not ours, an administrator's or the system's: a name for people. Undefined when all is well. */
export function stranger(owner: Sid | undefined): string | undefined {
  if (owner === undefined) return 'somebody whom windows does not name';
  const sid = formatSid(owner);
  if (TRUSTED.has(sid)) return undefined;
  const user = currentUser();
  return user !== undefined && formatSid(user) === sid ? undefined : accountName(owner);
}
