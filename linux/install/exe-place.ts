import {accessSync, chmodSync, constants, renameSync, rmSync} from 'node:fs';
import {copyFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {UserError} from '../errors.ts';
import {hashFile} from './look.ts';
import {temporaryOf} from './replace-file.ts';

/** A program that was just stopped lets go of its file a little later; milliseconds. */
const PATIENCE = 5000;

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
    const old = `${path}.old`;
    await removeExe(old);
    rename(path, old);
    renameSync(temporary, path);
    await removeExe(old);
  } finally {
    rmSync(temporary, {force: true});
  }
}

/** A Windows drive has no modes of its own, and a mount without `metadata` takes none. */
function makeExecutable(path: string): void {
  try {
    chmodSync(path, 0o755);
    accessSync(path, constants.X_OK);
  } catch {
    throw new UserError(
      `${dirname(path)} is mounted so that no program in it can be started`,
      'write options = "metadata" below [automount] into /etc/wsl.conf\nwsl.exe --shutdown',
      'interop',
    );
  }
}

/** False when Windows does not let go of the file. */
export async function removeExe(path: string, patience = PATIENCE): Promise<boolean> {
  const end = performance.now() + patience;
  for (;;) {
    try {
      rmSync(path, {force: true});
      rmSync(`${path}.old`, {force: true});
      return true;
    } catch {
      if (performance.now() > end) return false;
    }
    await sleep(100);
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
