import {currentLabel, currentUser} from './account.ts';
import {accountName} from './account-name.ts';
import {INTEGRITY, integrityName, levelOfSid} from './integrity.ts';
import type {ObjectSecurity} from './object-security.ts';
import {formatSid, type Sid} from './sid.ts';

/** The system, and administrators: who is one of them needs no pipe to get at our keys. */
const TRUSTED = new Set(['S-1-5-18', 'S-1-5-32-544']);

/** What a thing of Windows belongs to, besides the system and administrators, whose things are as good as ours. */
export type Us = {user: Sid | undefined; level: number};

/** This program's user and integrity level; the latter is medium for every program that is not shut in or elevated. */
function ourselves(): Us {
  const label = currentLabel();
  const level = label === undefined ? undefined : levelOfSid(label);
  return {user: currentUser(), level: level ?? INTEGRITY.medium};
}

/**
 * Why something is not to be trusted with our keys: it is neither ours nor an administrator's or the system's, or it is
 * shut in. Undefined when all is well; else what gives the end of a sentence that begins with the thing, and may take a
 * moment to learn whose it is. A level that is not known is no reason: Windows gives what low programs make a label that
 * tells it.
 *
 * Below medium is shut in. An agent of medium serves an elevated helper all the same: it is the person's own, who has
 * started wsl as administrator.
 */
export function distrust(
  {owner, level}: ObjectSecurity,
  us: Us = ourselves(),
): (() => Promise<string>) | undefined {
  if (owner === undefined) return async () => notYours('somebody whom windows does not name');
  const sid = formatSid(owner);
  const known = TRUSTED.has(sid) || (us.user !== undefined && formatSid(us.user) === sid);
  if (!known) return async () => notYours(await accountName(owner));
  // of administrators, too: what their programs make belongs to their group, whatever level they run at
  if (level === undefined || level >= Math.min(us.level, INTEGRITY.medium)) return undefined;
  return async () =>
    `is of a program of ${integrityName(level)} integrity, which windows has shut in, and that is no agent of yours`;
}

/** Whether something is of a program like this one: the same user's, at no lower level. */
export function isOurs({owner, level}: ObjectSecurity, us: Us = ourselves()): boolean {
  if (owner === undefined || us.user === undefined || formatSid(owner) !== formatSid(us.user)) return false;
  return level === undefined || level >= us.level;
}

function notYours(who: string): string {
  return `belongs to ${who}, not to you, an administrator or the system`;
}
