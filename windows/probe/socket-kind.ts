import {type FileHandle, open} from 'node:fs/promises';
import path from 'node:path';
import {PIPE_PREFIX} from '../../shared/target.ts';

const HEAD_BYTES = 10;

/**
 * The target for a socket as other programs' settings name it: a pipe, or a file, whose first bytes tell what it is.
 * Undefined for a path of Cygwin's own, which no Windows program can follow.
 */
export async function targetOf(place: string): Promise<string | undefined> {
  if (PIPE_PREFIX.test(place)) return `pipe:${place.replace(PIPE_PREFIX, '')}`;
  if (!path.win32.isAbsolute(place) || /^[\\/](?![\\/])/.test(place)) return undefined;
  let file: FileHandle | undefined;
  try {
    file = await open(place, 'r');
    const {buffer, bytesRead} = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return kindOf(buffer.subarray(0, bytesRead).toString('latin1'), place);
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException;
    // Cygwin shares its file with nobody while it makes it; a socket of Windows' own cannot be opened as a file at all
    return ['ENOENT', 'EBUSY'].includes(code) ? `cygwin:${place}` : `unix:${place}`;
  } finally {
    await file?.close();
  }
}

/** A file of any other kind is looked at as Cygwin's, which says what is wrong with it. */
function kindOf(head: string, place: string): string {
  return /^\d{1,5}\r?\n/.test(head) ? `assuan:${place}` : `cygwin:${place}`;
}
