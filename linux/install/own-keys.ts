import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {UserError} from '../errors.ts';
import {linuxGnupgDirs} from '../gnupg.ts';
import type {LinuxFacts} from './choice.ts';

/** Whether gpg is there on the Linux side, and whether it has secret keys of its own. */
export async function linuxGpg(): Promise<LinuxFacts['gpg']> {
  try {
    const homedir = (await linuxGnupgDirs()).get('homedir');
    return homedir !== undefined && hasSecretKeys(homedir) ? 'own keys' : 'present';
  } catch (error) {
    if (error instanceof UserError) return 'absent';
    throw error;
  }
}

/** A file for each secret key, since GnuPG 2.1. */
function hasSecretKeys(homedir: string): boolean {
  try {
    return readdirSync(join(homedir, 'private-keys-v1.d')).some(name => name.endsWith('.key'));
  } catch {
    return false;
  }
}
