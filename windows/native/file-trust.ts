import path from 'node:path';
import {allowedStranger} from './access-list.ts';
import {currentUser} from './account.ts';
import {accountName} from './account-name.ts';
import {kernel32, NO_HANDLE} from './kernel32.ts';
import {fileSecurity} from './object-security.ts';
import {formatSid} from './sid.ts';

const READ_CONTROL = 0x2_0000;
const SHARE_ALL = 7;
const OPEN_EXISTING = 3;
/** FILE_FLAG_BACKUP_SEMANTICS: folders can be opened, too. */
const FOLDERS_TOO = 0x0200_0000;

/** DELETE, FILE_DELETE_CHILD, WRITE_DAC, WRITE_OWNER, GENERIC_ALL: with any of them another thing can be put in its place. */
const REPLACE = 0x1_0000 | 0x40 | 0x4_0000 | 0x8_0000 | 0x1000_0000;
/** And FILE_WRITE_DATA, FILE_APPEND_DATA, GENERIC_WRITE: what is in a file, or lies beside a program and is loaded by it. */
const CHANGE = REPLACE | 2 | 4 | 0x4000_0000;

/**
 * Who may write wherever they like: the system, administrators (the group, the account, those of a domain and of a forest),
 * and Windows' installer. And names for whoever owns the thing, who is looked at anyway.
 */
const TRUSTED =
  /^S-1-(?:5-18|5-32-544|5-21-\d+-\d+-\d+-(?:500|512|519)|5-80-956008885-3418522649-1831038044-1853292631-2271478464|3-0|3-4)$/;

/**
 * Why a program is not to be run: somebody else than the user, administrators and the system could have put it where it is,
 * or change it. A clause for people. Undefined when all is well. Rejects with FailureError when Windows cannot be asked.
 */
export async function whyUntrusted(file: string): Promise<string | undefined> {
  const user = currentUser();
  const mine = user === undefined ? undefined : formatSid(user);
  const trusted = (sid: string): boolean => sid === mine || TRUSTED.test(sid);
  let rights = CHANGE;
  for (let place = file, above = ''; place !== above; above = place, place = path.win32.dirname(place)) {
    const why = await whyNot(place, rights, trusted);
    if (why !== undefined) return `${place} ${why}`;
    if (place !== file) rights = REPLACE;
  }
  return undefined;
}

async function whyNot(
  place: string,
  rights: number,
  trusted: (sid: string) => boolean,
): Promise<string | undefined> {
  const {CreateFileW, CloseHandle} = kernel32();
  const handle = CreateFileW(place, READ_CONTROL, SHARE_ALL, null, OPEN_EXISTING, FOLDERS_TOO, 0);
  const security = handle === NO_HANDLE ? undefined : fileSecurity(handle);
  if (handle !== NO_HANDLE) CloseHandle(handle);
  if (security?.owner === undefined) return 'does not tell whose it is';
  if (!trusted(formatSid(security.owner))) return `belongs to ${await accountName(security.owner)}`;
  if (security.dacl === undefined) return 'may be changed by anybody';
  const stranger = allowedStranger(security.dacl, rights, trusted);
  return stranger === undefined ? undefined : `may be changed by ${await accountName(stranger)}`;
}
