import {appendFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Gnupg} from './gnupg.ts';

/** One key in the Windows keyring: a primary that signs and certifies, a subkey that encrypts, one that authenticates. */
export type GnupgKey = {
  fingerprint: string;
  /** Keygrips: how gpg-agent names the secret parts. */
  grips: {sign: string; encrypt: string; auth: string};
  /** Armored, for `gpg --import` on the Linux side. */
  publicKey: string;
};

/** Makes ed25519 and cv25519 keys for `userId` with the Windows gpg; unprotected unless a passphrase is given. */
export async function makeGnupgKey(gnupg: Gnupg, userId: string, passphrase = ''): Promise<GnupgKey> {
  const batch = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase];
  await gnupg.launch();
  // Without a usage this makes the primary key and an encryption subkey.
  await gnupg.exec('gpg', [...batch, '--quick-gen-key', userId, 'future-default', 'default', 'never']);
  const {fingerprint} = await secretParts(gnupg, userId);
  await gnupg.exec('gpg', [...batch, '--quick-add-key', fingerprint, 'ed25519', 'auth', 'never']);
  const {grips} = await secretParts(gnupg, fingerprint);
  const [sign, encrypt, auth] = ['s', 'e', 'a'].map(use => grips.get(use));
  if (sign === undefined || encrypt === undefined || auth === undefined) {
    throw new Error(`gpg.exe made no complete key for ${userId}`);
  }
  const {stdout} = await gnupg.exec('gpg', ['--batch', '--armor', '--export', fingerprint]);
  return {fingerprint, grips: {sign, encrypt, auth}, publicKey: stdout.replaceAll('\r\n', '\n')};
}

/**
 * Makes gpg-agent offer a key to ssh clients. Only keys of smartcards are offered by themselves. With `confirm`, the
 * person is asked at each use, also for a key without a passphrase.
 */
export async function offerToSsh(gnupg: Gnupg, keygrip: string, {confirm = false} = {}): Promise<void> {
  await appendFile(join(gnupg.home, 'sshcontrol'), `${keygrip} 0${confirm ? ' confirm' : ''}\n`);
}

/** Fingerprint of the primary key, and the keygrip of the first part for each use (`s`, `e`, `a`). */
async function secretParts(
  gnupg: Gnupg,
  name: string,
): Promise<{fingerprint: string; grips: Map<string, string>}> {
  const {stdout} = await gnupg.exec('gpg', ['--batch', '--with-colons', '--with-keygrip', '-K', name]);
  const grips = new Map<string, string>();
  let fingerprint = '';
  let uses = '';
  for (const fields of stdout.split(/\r?\n/).map(line => line.split(':'))) {
    const [record, value = ''] = [fields[0], fields[9]];
    if (record === 'sec' || record === 'ssb') {
      // Capital letters sum up the whole key; small ones are this part's own.
      uses = (fields[11] ?? '').replace(/[^a-z]/g, '');
    } else if (record === 'fpr') {
      fingerprint ||= value;
    } else if (record === 'grp') {
      for (const use of uses) {
        grips.set(use, grips.get(use) ?? value);
      }
    }
  }
  return {fingerprint, grips};
}
