import {accessSync, chmodSync, constants, renameSync, rmSync} from 'node:fs';
import {copyFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {UserError} from '../errors.ts';
import {hashFile} from './look.ts';
import {removeQuietly, temporaryOf} from './replace-file.ts';

/** A program that was just stopped lets go of its file a little later; milliseconds. */
const PATIENCE = 5000;

/** Where an exe waits that Windows did not let go of when another took its place. */
export function asideOf(path: string): string {
  return `${path}.old`;
}

/**
 * Puts the exe, or its library, into its place on the Windows side, whole or not at all. One that is there and in
 * use is moved aside: Windows lets what a program runs from be renamed, not replaced. Throws UserError.
 */
export async function copyExe({
  path,
  source,
  sha256,
}: {
  path: string;
  source: string;
  sha256: string;
}): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    await copyFile(source, temporary);
    makeExecutable(temporary);
    if ((await hashFile(temporary)) !== sha256)
      throw new UserError(`the copy at ${temporary} is not what was copied`, 'check the disk');
    await putInPlace(temporary, path);
  } finally {
    removeQuietly(temporary);
  }
}

async function putInPlace(temporary: string, path: string): Promise<void> {
  try {
    renameSync(temporary, path);
  } catch (error) {
    if (!isInUse(error)) throw error;
    const aside = asideOf(path);
    await removeExe(aside);
    renameSync(path, aside);
    renameSync(temporary, path);
    await removeExe(aside);
  }
}

/** A Windows drive has no modes of its own, and a mount without `metadata` takes none. */
function makeExecutable(path: string): void {
  try {
    chmodSync(path, 0o755);
    accessSync(path, constants.X_OK);
  } catch (error) {
    if (!isRefused(error)) throw error;
    throw new UserError(
      `${dirname(path)} is mounted so that no program in it can be started`,
      'write options = "metadata" below [automount] into /etc/wsl.conf\nwsl.exe --shutdown',
      'interop',
    );
  }
}

function isRefused(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** With what was moved aside for it. False when Windows does not let go of the file. */
export async function removeExe(path: string, patience = PATIENCE): Promise<boolean> {
  const end = performance.now() + patience;
  for (;;) {
    try {
      rmSync(path, {force: true});
      rmSync(asideOf(path), {force: true});
      return true;
    } catch (error) {
      if (!isInUse(error)) throw error;
      if (performance.now() > end) return false;
    }
    await sleep(100);
  }
}

/** As what a Windows drive says of a program that runs. */
function isInUse(error: unknown): boolean {
  const {code = ''} = error as NodeJS.ErrnoException;
  return ['EACCES', 'EPERM', 'EBUSY', 'ETXTBSY', 'EISDIR', 'ERR_FS_EISDIR'].includes(code);
}
