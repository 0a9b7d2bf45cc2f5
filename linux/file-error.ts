import {dirname} from 'node:path';
import {UserError} from './errors.ts';
import {shellWord} from './install/quote.ts';

/** The disk is full, or this user's part of it. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT'];

export function isFull(error: unknown): boolean {
  return FULL.includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/**
 * What an operation on a file that went wrong means to a person, with the command that shows why. What is no error of the
 * file system is given back as it is.
 */
export function fileError(error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const {code, path, dest, syscall, message} = error as NodeJS.ErrnoException & {dest?: string};
  if (code === undefined || syscall === undefined || syscall.startsWith('spawn')) return error;
  const file = dest ?? path;
  if (file === undefined) return withoutName(code, message) ?? error;
  const folder = shellWord(dirname(file));
  switch (code) {
    case 'ENOSPC':
      return new UserError(`no space is left for ${file}`, `df -h ${folder}`);
    case 'EDQUOT':
      return new UserError(`your quota has no space left for ${file}`, `quota; df -h ${folder}`);
    case 'EROFS':
      return new UserError(
        `${dirname(file)} is on a disk that is mounted read-only`,
        `findmnt --target ${folder}`,
      );
    case 'EIO':
      return new UserError(
        `the disk does not let ${file} be read or written (input/output error)`,
        `findmnt --target ${folder}`,
      );
    case 'EACCES':
    case 'EPERM':
      return new UserError(
        `${file} cannot be changed: permission denied`,
        `ls -ld ${folder} ${shellWord(file)}`,
        'permission',
      );
    default:
      return new UserError(message, `ls -ld ${folder} ${shellWord(file)}`);
  }
}

/** Of an operation on an open file Node does not tell which it was. */
function withoutName(code: string, message: string): UserError | undefined {
  if (FULL.includes(code)) return new UserError(`no space is left on the disk (${message})`, 'df -h ~');
  if (code === 'EIO' || code === 'EROFS')
    return new UserError(`the disk fails: ${message}`, 'findmnt --target ~');
  return undefined;
}

/** Runs `work`; what goes wrong with a file becomes an error that a person can act on. */
export async function withFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error);
  }
}
