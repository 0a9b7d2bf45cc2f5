import {type Stats, statSync} from 'node:fs';
import {UserError} from '../errors.ts';
import {checkSocketPath} from '../relay/socket-folder.ts';
import {ancestors} from './plan-folders.ts';
import {shellWord} from './quote.ts';

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Refuses a socket whose path is too long, or in whose place somebody else could put one of his own: every
 * folder above it belongs to this user or to root, and others cannot write to it. systemd makes those that
 * do not exist. Throws UserError.
 */
export function checkSocketPlace(path: string): void {
  checkSocketPath(path);
  const folders = ancestors(path);
  for (const folder of folders) {
    const stats = statSync(folder, {throwIfNoEntry: false});
    if (stats === undefined) return;
    checkFolder(folder, stats, folder === folders.at(-1));
  }
}

function checkFolder(folder: string, stats: Stats, innermost: boolean): void {
  const me = process.getuid?.() ?? stats.uid;
  if (!stats.isDirectory())
    throw new UserError(`${folder} is no folder`, `ls -ld ${shellWord(folder)}`, 'cannotListen');
  if (stats.uid !== me && stats.uid !== 0)
    throw new UserError(
      `the folder ${folder} belongs to user ${stats.uid}, not to you (${me})`,
      'choose a folder of your own for the socket',
      'permission',
    );
  // in a sticky folder nobody can remove what is another's, but can make what is missing
  const sticky = (stats.mode & STICKY) !== 0;
  if ((stats.mode & OTHERS_WRITE) === 0 || (sticky && !innermost)) return;
  const choose = 'choose a folder of your own for the socket';
  throw new UserError(
    `others can write to the folder ${folder} (mode ${(stats.mode & 0o7777).toString(8)})`,
    // a sticky folder is everybody's on purpose
    sticky ? choose : `chmod go-w ${shellWord(folder)}`,
    'permission',
  );
}
