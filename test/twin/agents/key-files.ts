import {createHmac, randomBytes} from 'node:crypto';
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
  const shown = publicBlob(key);
  const secret =
    key.type === 'ssh-ed25519'
      ? // PuTTY keeps the number little-endian, which is the order of the seed's bytes already.
        sshString(key.seed)
      : Buffer.concat([key.d, key.p, key.q, key.qi].map(sshMpint));
  const signed = [key.type, 'none', comment, shown, secret].map(sshString);
  // Without a passphrase the MAC's key is empty.
  const mac = createHmac('sha256', '').update(Buffer.concat(signed)).digest('hex');
  const [publicLines, privateLines] = [base64Lines(shown, 64), base64Lines(secret, 64)];
  return `${[
    `PuTTY-User-Key-File-3: ${key.type}`,
    'Encryption: none',
    `Comment: ${comment}`,
    `Public-Lines: ${publicLines.length}`,
    ...publicLines,
    `Private-Lines: ${privateLines.length}`,
    ...privateLines,
    `Private-MAC: ${mac}`,
  ].join('\n')}\n`;
}
