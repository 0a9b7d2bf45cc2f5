import {stat} from 'node:fs/promises';
import path from 'node:path';

/** Write rights of a file's group and of all others. */
const OTHERS_WRITE = 0o022;

/**
 * Why a program is not to be run: somebody else could have put it there, or change it. A clause for people; undefined when
 * all is well. `usual`: it is in the folder of its installer, where Windows lets nobody write but administrators, and
 * may run although the helper is incomplete and Windows cannot be asked.
 */
export async function whyNotRun(file: string, usual: boolean): Promise<string | undefined> {
  try {
    if (process.platform !== 'win32') return await whyNotOfLinux(file);
    const {whyUntrusted} = await import('../native/file-trust.ts');
    return await whyUntrusted(file);
  } catch {
    return usual ? undefined : `${file} cannot be looked at`;
  }
}

async function whyNotOfLinux(file: string): Promise<string | undefined> {
  for (const place of [file, path.dirname(file)]) {
    const {uid, mode} = await stat(place);
    if (uid !== 0 && uid !== process.getuid?.()) return `${place} belongs to user ${uid}`;
    if ((mode & OTHERS_WRITE) !== 0) return `${place} may be changed by others`;
  }
  return undefined;
}
