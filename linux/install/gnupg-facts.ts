import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {execa} from 'execa';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {linuxGnupgDirs} from '../gnupg.ts';
import type {GnupgFacts} from './gnupg-items.ts';

/** What the GnuPG of the Linux side is like. Throws UserError when it is not there. */
export async function gnupgFacts(): Promise<GnupgFacts> {
  const homedir = (await linuxGnupgDirs()).get('homedir');
  const {stdout, failed} = await execa('gpgconf', ['--version'], {
    reject: false,
    stdin: 'ignore',
    timeout: 10_000,
    env: {LC_ALL: 'C'},
  });
  const version = /^gpgconf \(.*\) (\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
  if (failed || homedir === undefined || version === undefined)
    throw new UserError('gpgconf of Linux does not say its version or its home', 'gpgconf --version');
  return {
    homedir,
    version,
    commonConf: readConf(join(homedir, 'common.conf')),
    gpgConf: readConf(join(homedir, 'gpg.conf')),
  };
}

function readConf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new UserError(
      `cannot read ${path}: ${(error as Error).message}`,
      `ls -l ${shellWord(path)}`,
      'permission',
    );
  }
}
