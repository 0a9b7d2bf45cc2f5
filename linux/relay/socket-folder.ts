import {mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';

/** sockaddr_un's sun_path is 108 bytes with its final zero (unix(7)). */
const PATH_BYTES_MAX = 107;

const OTHERS_WRITE = 0o022;

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
 * Makes the folder of a socket, for its owner alone, or checks the one that is there: whoever can write
 * to it could put a socket of his own in our place. Throws UserError.
 */
export function ensureSocketFolder(path: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700});
  } catch (error) {
    throw new UserError(
      `cannot create the folder ${folder}: ${(error as Error).message}`,
      `ls -ld ${shellWord(dirname(folder))}`,
      'cannotListen',
    );
  }
  const {uid, mode} = statSync(folder);
  const me = process.getuid?.() ?? uid;
  if (uid !== me)
    throw new UserError(
      `the folder ${folder} belongs to user ${uid}, not to you (${me})`,
      'choose a folder of your own',
      'permission',
    );
  if ((mode & OTHERS_WRITE) !== 0)
    throw new UserError(
      `others can write to the folder ${folder} (mode ${(mode & 0o7777).toString(8)})`,
      `chmod go-w ${shellWord(folder)}`,
      'permission',
    );
}
