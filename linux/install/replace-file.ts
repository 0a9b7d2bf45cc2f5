import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {dirname} from 'node:path';

/** Where a new content waits until it is whole. Always the same name, so that a leftover is found again. */
export function temporaryOf(path: string): string {
  return `${path}.wslagent-tmp`;
}

/**
 * Writes a whole file beside its place and moves it there: a reader, or a machine that stops, sees the
 * old content or the new. `mode` holds whatever the umask is, and a group that was there stays. `check` looks at the old
 * one in the last moment before that, and throws to keep it. One writer at a time.
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  mode: number,
  check = () => {},
): void {
  const temporary = temporaryOf(path);
  try {
    writeWhole(temporary, content, mode, statSync(path, {throwIfNoEntry: false})?.gid);
    check();
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw named(error, path);
  }
  syncFolder(dirname(path));
}

/** The disk is full, or this user's part of it. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** Cuts off what is behind `size` bytes: the one way to take something out of a file that needs no space on the disk. */
export function shortenFile(path: string, size: number, check: () => void): void {
  check();
  truncateSync(path, size);
}

/** Writes a file that nobody reads yet, and waits until the disk has it. */
export function writeWhole(path: string, content: string | Uint8Array, mode: number, group?: number): void {
  const fd = openSync(path, 'w', mode);
  try {
    if (group !== undefined && group !== fstatSync(fd).gid) keepGroup(fd, group);
    fchmodSync(fd, mode);
    writeFileSync(fd, content);
    fsyncSync(fd);
  } catch (error) {
    throw named(error, path);
  } finally {
    closeSync(fd);
  }
}

/** After a power cut a rename is there for sure only when its folder was written, too; not every file system can. */
function syncFolder(path: string): void {
  try {
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // a Windows drive
  }
}

/** For tidying up behind an error, which counts for more. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, {force: true});
  } catch {
    // swept by the next install or uninstall
  }
}

/** Only into a group that one belongs to. */
function keepGroup(fd: number, group: number): void {
  try {
    fchownSync(fd, -1, group);
  } catch {
    // the file is still its owner's
  }
}

/** Node names no file for an operation on a descriptor, and a person knows none that only waits. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const {path: at} = error as NodeJS.ErrnoException;
  return at === undefined || at === temporaryOf(path) ? Object.assign(error, {path}) : error;
}
