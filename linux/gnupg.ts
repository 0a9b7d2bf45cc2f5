import {execa} from 'execa';
import {parseListDirs} from '../shared/assuan/list-dirs.ts';
import {UserError} from './errors.ts';

let dirs: Promise<Map<string, string>> | undefined;

/** The folders and sockets of the GnuPG on the Linux side, asked once. Throws UserError when it is not there. */
export function linuxGnupgDirs(): Promise<Map<string, string>> {
  dirs ??= ask();
  return dirs;
}

async function ask(): Promise<Map<string, string>> {
  const result = await execa('gpgconf', ['--list-dirs'], {reject: false, timeout: 10_000, stdin: 'ignore'});
  if (result.code === 'ENOENT')
    throw new UserError('gpgconf is not installed on the Linux side', 'sudo apt-get install gnupg');
  if (result.failed)
    throw new UserError(`gpgconf of Linux failed: ${result.shortMessage}`, 'gpgconf --list-dirs');
  return parseListDirs(result.stdout);
}
