import {dirname} from 'node:path';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {makeFolder} from '../system/folders.ts';
import {type TrustedFolder, trustedFolder} from '../system/trusted-folder.ts';

/** sockaddr_un's sun_path is 108 bytes with its final zero (unix(7)). */
const PATH_BYTES_MAX = 107;

/** Refuses a path that no socket can have. Throws UserError. */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > PATH_BYTES_MAX)
    throw new UserError(
      `the socket path ${path} is ${bytes} bytes long, and Linux allows ${PATH_BYTES_MAX}`,
      'choose a shorter one: --listen PATH, or listen = "PATH" in the configuration',
      'cannotListen',
    );
}

/**
 * The folder of a socket, made for its owner alone unless it is there. Nobody else can put a socket of his own in the
 * place of one in it. Throws UserError.
 */
export function ensureSocketFolder(path: string): TrustedFolder {
  const folder = dirname(path);
  // nothing is made through somebody else's link
  trustedFolder(folder);
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    throw new UserError(
      `cannot create the folder ${folder}: ${(error as Error).message}`,
      `ls -ld ${shellWord(dirname(folder))}`,
      'cannotListen',
    );
  }
  return trustedFolder(folder);
}
