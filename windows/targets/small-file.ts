import {constants} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Failure, FailureError} from '../../shared/failure.ts';

/** What came of one look at a file; `momentary`: another look may have more luck. */
export type Look<Content> = {content: Content} | {failure: Failure; momentary: boolean};

/**
 * Another program holds the file for a moment: Windows' sharing violation is EBUSY (Cygwin creates its files without
 * sharing), a virus scanner's lock EPERM or EACCES.
 */
const MOMENTARY = new Set(['EBUSY', 'EACCES', 'EPERM']);

/** Looks at a file until that goes well, `attempts` times at most, with `pause` milliseconds between. Throws FailureError. */
export async function lookAgain<Content>(
  look: () => Promise<Look<Content>>,
  attempts: number,
  pause: number,
  signal: AbortSignal,
): Promise<Content> {
  for (let attempt = 1; ; attempt++) {
    const result = await look();
    if ('content' in result) return result.content;
    if (!result.momentary || attempt >= attempts) throw new FailureError(result.failure);
    await sleep(pause, undefined, {signal});
  }
}

/** Why a file cannot be read, by Node's code: it is not there, it is kept from us just now, it is no file to be read. */
export function whyUnreadable(code: string): 'absent' | 'denied' | 'badTarget' {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
  return MOMENTARY.has(code) ? 'denied' : 'badTarget';
}

/** The first `limit` bytes of a file: read-only, and shared with everyone (libuv opens so on Windows). Rejects with Node's error. */
export async function readSmallFile(path: string, limit: number): Promise<Uint8Array> {
  // Without O_NONBLOCK, which Windows does not have, opening a FIFO of Linux would wait for its writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw Object.assign(new Error('no file'), {code: 'ENOTFILE'});
    return await readAtMost(file, limit);
  } finally {
    await file.close();
  }
}

async function readAtMost(file: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const {bytesRead} = await file.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
