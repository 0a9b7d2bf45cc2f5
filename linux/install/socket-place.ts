import {dirname} from 'node:path';
import {UserError} from '../errors.ts';
import {checkSocketPath} from '../relay/socket-folder.ts';
import {trustedFolder} from '../system/trusted-folder.ts';

/**
 * Refuses a socket whose path is too long, or in whose place somebody else could put one of his own before systemd
 * has made it: so everybody's folder is none, though nobody could take the socket away there. Throws UserError.
 */
export function checkSocketPlace(path: string): void {
  checkSocketPath(path);
  const {path: folder, shared} = trustedFolder(dirname(path));
  if (shared)
    throw new UserError(
      `others can make files in the folder ${folder}`,
      'choose a folder of your own for the socket',
      'permission',
    );
}
