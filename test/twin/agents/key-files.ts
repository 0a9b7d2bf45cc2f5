import {createCipheriv, createHash, createHmac, randomBytes} from 'node:crypto';
import {base64Lines, sshMpint, sshString} from './ssh-blob.ts';

/** A key's numbers, named as in a JSON Web Key; all big-endian bytes. */
export type KeyParts =
  | {type: 'ssh-ed25519'; public: Buffer; seed: Buffer}
  | {type: 'ssh-rsa'; n: Buffer; e: Buffer; d: Buffer; p: Buffer; q: Buffer; qi: Buffer};

/** The public key as it travels in the agent protocol (RFC 4253 section 6.6, RFC 8709). */
export function publicBlob(key: KeyParts): Buffer {
  const parts = key.type === 'ssh-ed25519' ? [sshString(key.public)] : [sshMpint(key.e), sshMpint(key.n)];
  return Buffer.concat([sshString(key.type), ...parts]);
}

/** An unencrypted OpenSSH private key file (format: PROTOCOL.key in OpenSSH). */
export function opensshFile(key: KeyParts, comment: string): string {
  const check = randomBytes(4);
  const secret =
    key.type === 'ssh-ed25519'
      ? [sshString(key.public), sshString(Buffer.concat([key.seed, key.public]))]
      : [key.n, key.e, key.d, key.qi, key.p, key.q].map(sshMpint);
  const body = Buffer.concat([check, check, sshString(key.type), ...secret, sshString(comment)]);
  const padding = Buffer.from(Array.from({length: -body.length & 7}, (_, index) => index + 1));
  const count = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    count,
    sshString(publicBlob(key)),
    sshString(Buffer.concat([body, padding])),
  ]);
  const lines = base64Lines(file, 70);
  return `${['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----'].join('\n')}\n`;
}

/** An unencrypted PuTTY private key file, version 3 (format: appendix C of the PuTTY manual). */
export function ppkFile(key: KeyParts, comment: string): string {
  const secret = ppkSecret(key);
  // Without a passphrase the MAC's key is empty.
  const mac = createHmac('sha256', '')
    .update(ppkSigned(key, 'none', comment, secret))
    .digest('hex');
  return ppkText(3, key, 'none', comment, secret, mac);
}

/**
 * The same protected by a passphrase, in version 2 of the format, which PuTTY still reads: version 3 takes its key from
 * Argon2, which this Node does not have.
 */
export function guardedPpkFile(key: KeyParts, comment: string, passphrase: string): string {
  const plain = ppkSecret(key);
  const secret = Buffer.concat([plain, sha1(plain).subarray(0, -plain.length & 15)]);
  const cipherKey = Buffer.concat([
    sha1(Buffer.from([0, 0, 0, 0]), passphrase),
    sha1(Buffer.from([0, 0, 0, 1]), passphrase),
  ]).subarray(0, 32);
  const cipher = createCipheriv('aes-256-cbc', cipherKey, Buffer.alloc(16)).setAutoPadding(false);
  const hidden = Buffer.concat([cipher.update(secret), cipher.final()]);
  const macKey = sha1('putty-private-key-file-mac-key', passphrase);
  const mac = createHmac('sha1', macKey)
    .update(ppkSigned(key, 'aes256-cbc', comment, secret))
    .digest('hex');
  return ppkText(2, key, 'aes256-cbc', comment, hidden, mac);
}

function ppkSecret(key: KeyParts): Buffer {
  // PuTTY keeps ed25519's number little-endian, which is the order of the seed's bytes already.
  return key.type === 'ssh-ed25519'
    ? sshString(key.seed)
    : Buffer.concat([key.d, key.p, key.q, key.qi].map(sshMpint));
}

/** What the file's MAC covers. */
function ppkSigned(key: KeyParts, encryption: string, comment: string, secret: Buffer): Buffer {
  return Buffer.concat([key.type, encryption, comment, publicBlob(key), secret].map(sshString));
}

function sha1(...parts: (string | Buffer)[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function ppkText(
  version: 2 | 3,
  key: KeyParts,
  encryption: string,
  comment: string,
  secret: Buffer,
  mac: string,
): string {
  const [publicLines, privateLines] = [base64Lines(publicBlob(key), 64), base64Lines(secret, 64)];
  return `${[
    `PuTTY-User-Key-File-${version}: ${key.type}`,
    `Encryption: ${encryption}`,
    `Comment: ${comment}`,
    `Public-Lines: ${publicLines.length}`,
    ...publicLines,
    `Private-Lines: ${privateLines.length}`,
    ...privateLines,
    `Private-MAC: ${mac}`,
  ].join('\n')}\n`;
}
