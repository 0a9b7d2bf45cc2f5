import {constants} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {type AssuanSocketFile, parseSocketFile, SOCKET_FILE_MAX} from '../../shared/assuan/socket-file.ts';
import {type Failure, FailureError} from '../../shared/failure.ts';

/** How often a file is read that is locked or being written just now, and the pause between, in milliseconds. */
const ATTEMPTS = 5;
const PAUSE_MS = 60;

/** Another program holds the file for a moment: Windows' sharing violation is EBUSY, a virus scanner's lock EPERM or EACCES. */
const MOMENTARY = new Set(['EBUSY', 'EACCES', 'EPERM']);

/**
 * Reads a GnuPG socket file: read-only and shared with everyone (libuv opens so on Windows), and anew each time,
 * since every start of the agent writes another port and nonce. Throws FailureError without any of its bytes.
 */
export async function readSocketFile(path: string, signal: AbortSignal): Promise<AssuanSocketFile> {
  for (let attempt = 1; ; attempt++) {
    const result = await readOnce(path);
    if ('port' in result) return result;
    if (!result.momentary || attempt === ATTEMPTS) throw new FailureError(result.failure);
    await sleep(PAUSE_MS, undefined, {signal});
  }
}

async function readOnce(path: string): Promise<AssuanSocketFile | {failure: Failure; momentary: boolean}> {
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(path);
  } catch (error) {
    return unreadable(path, error as NodeJS.ErrnoException);
  }
  const parsed = parseSocketFile(bytes);
  if (typeof parsed !== 'string') return parsed;
  // Shorter than it should be: the agent is writing it.
  return {failure: malformed(`${path} ${parsed}`), momentary: bytes.length < SOCKET_FILE_MAX};
}

async function readBytes(path: string): Promise<Uint8Array> {
  // Without O_NONBLOCK, which Windows does not have, opening a FIFO of Linux would wait for its writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw Object.assign(new Error('no file'), {code: 'ENOTFILE'});
    return await readAtMost(file, SOCKET_FILE_MAX + 1);
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

function unreadable(path: string, error: NodeJS.ErrnoException): {failure: Failure; momentary: boolean} {
  const code = error.code ?? '';
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return {
      failure: {
        reason: 'absent',
        message: `socket file ${path} does not exist`,
        hint: 'start gpg-agent: gpgconf.exe --launch gpg-agent',
      },
      momentary: false,
    };
  if (MOMENTARY.has(code))
    return {
      failure: {
        reason: 'denied',
        message: `socket file ${path} cannot be read: ${code}`,
        hint: 'run gpg-agent as the same user',
      },
      momentary: true,
    };
  return {failure: malformed(`${path} is no file that can be read: ${code}`), momentary: false};
}

function malformed(sentence: string): Failure {
  return {
    reason: 'badTarget',
    message: `socket file ${sentence}`,
    hint: 'name the socket file of a gpg-agent; to see where they are: wslagent probe',
  };
}
