/** What a GnuPG socket file on Windows holds: libassuan's assuan-socket.c, read_port_and_nonce. */
export type AssuanSocketFile = {port: number; nonce: Uint8Array};

/** The most that libassuan reads of such a file, in bytes; a longer file is no socket file. */
export const SOCKET_FILE_MAX = 49;

const NONCE_BYTES = 16;
const NEWLINE = 0x0a;

/**
 * Reads `PORT\n` and 16 raw bytes. The nonce is binary and may itself hold newlines.
 * Returns a sentence that says what is wrong, without any of the bytes, when it is no such file.
 */
export function parseSocketFile(bytes: Uint8Array): AssuanSocketFile | string {
  if (bytes.length === 0) return 'is empty';
  if (bytes.length > SOCKET_FILE_MAX)
    return `is longer than ${SOCKET_FILE_MAX} bytes, so it is no GnuPG socket file`;
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0) return 'holds no port line, so it is no GnuPG socket file';
  const digits = String.fromCharCode(...bytes.subarray(0, newline)).replace(/\r$/, '');
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) return 'names no valid port';
  const nonce = Uint8Array.from(bytes.subarray(newline + 1));
  if (nonce.length !== NONCE_BYTES) return `has a nonce of ${nonce.length} bytes instead of ${NONCE_BYTES}`;
  return {port, nonce};
}
