/** An SSH string: 4 bytes of length and the bytes (RFC 4251, section 5). */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An SSH mpint of a positive big-endian number: no leading zeros, but one where the top bit is set. */
export function sshMpint(value: Uint8Array): Buffer {
  const first = value.findIndex(byte => byte !== 0);
  const bytes = first < 0 ? Buffer.alloc(0) : Buffer.from(value.subarray(first));
  return sshString((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}

/** Base64 in lines of `width` characters. */
export function base64Lines(bytes: Uint8Array, width: number): string[] {
  return (
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  );
}
