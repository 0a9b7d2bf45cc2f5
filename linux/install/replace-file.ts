import {closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync} from 'node:fs';

/** Where a new content waits until it is whole. Always the same name, so that a leftover is found again. */
export function temporaryOf(path: string): string {
  return `${path}.wslagent-tmp`;
}

/**
 * Writes a whole file beside its place and moves it there: a reader, or a machine that stops, sees the
 * old content or the new. `mode` holds whatever the umask is. One writer at a time.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = temporaryOf(path);
  try {
    const fd = openSync(temporary, 'w', mode);
    try {
      fchmodSync(fd, mode);
      writeFileSync(fd, content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, {force: true});
    // writing through a descriptor names no path, and a person knows nothing of the temporary one
    throw Object.assign(error as Error, {path});
  }
}
