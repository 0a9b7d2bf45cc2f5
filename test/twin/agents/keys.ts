import {generateKeyPairSync, type KeyObject} from 'node:crypto';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {guardedPpkFile, type KeyParts, opensshFile, ppkFile, publicBlob} from './key-files.ts';

export type KeyKind = 'ed25519' | 'rsa';

/** One fresh key. Paths are Linux paths; `publicLine` is what authorized_keys and allowed_signers take. */
export type TestKey = {
  kind: KeyKind;
  comment: string;
  opensshPath: string;
  publicPath: string;
  ppkPath: string;
  publicLine: string;
  publicBlob: Buffer;
};

/**
 * Makes a key and writes it into `folder` as NAME (OpenSSH), NAME.pub and NAME.ppk (PuTTY); only the last is protected
 * when there is a passphrase. Needs neither ssh-keygen nor puttygen. RSA keys have 3072 bits.
 */
export async function makeKey(
  folder: string,
  name: string,
  kind: KeyKind,
  comment = name,
  passphrase?: string,
): Promise<TestKey> {
  const key = partsOf(kind);
  const blob = publicBlob(key);
  const publicLine = `${key.type} ${blob.toString('base64')} ${comment}`;
  const opensshPath = join(folder, name);
  const [publicPath, ppkPath] = [`${opensshPath}.pub`, `${opensshPath}.ppk`];
  await writeFile(opensshPath, opensshFile(key, comment), {mode: 0o600});
  await writeFile(publicPath, `${publicLine}\n`);
  const ppk = passphrase === undefined ? ppkFile(key, comment) : guardedPpkFile(key, comment, passphrase);
  await writeFile(ppkPath, ppk, {mode: 0o600});
  return {kind, comment, opensshPath, publicPath, ppkPath, publicLine, publicBlob: blob};
}

function partsOf(kind: KeyKind): KeyParts {
  if (kind === 'ed25519') {
    const {x, d} = jwk(generateKeyPairSync('ed25519').privateKey);
    return {type: 'ssh-ed25519', public: bytes(x), seed: bytes(d)};
  }
  const {n, e, d, p, q, qi} = jwk(generateKeyPairSync('rsa', {modulusLength: 3072}).privateKey);
  return {type: 'ssh-rsa', n: bytes(n), e: bytes(e), d: bytes(d), p: bytes(p), q: bytes(q), qi: bytes(qi)};
}

function jwk(key: KeyObject) {
  return key.export({format: 'jwk'});
}

function bytes(value: string | undefined): Buffer {
  return Buffer.from(value ?? '', 'base64url');
}
