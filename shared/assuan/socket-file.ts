import {CYGWIN_SOCKET_FILE_MAX, isCygwinSocketFile, parseCygwinSocketFile} from '../cygwin/socket-file.ts';

/**
 * What a GnuPG socket file on Windows holds: libassuan's assuan-socket.c, read_port_and_nonce. With `cygwin` the
 * nonce belongs to a handshake instead of standing in front of the bytes.
 */
export type AssuanSocketFile = {port: number; nonce: Uint8Array; cygwin?: true};

/** The most that libassuan reads of a file of its own format, in bytes; a longer one is no socket file. */
const NATIVE_MAX = 49;

/** The longest of either format, in bytes. */
export const SOCKET_FILE_MAX = Math.max(NATIVE_MAX, CYGWIN_SOCKET_FILE_MAX);

const NONCE_BYTES = 16;
const NEWLINE = 0x0a;

/**
 * Reads `PORT\n` and 16 raw bytes, or the format of Cygwin, which libassuan can write too. The nonce is binary and
 * may itself hold newlines. Returns a sentence that says what is wrong, without any of the bytes, when it is neither.
 */
export function parseSocketFile(bytes: Uint8Array): AssuanSocketFile | string {
  if (bytes.length === 0) return 'is empty';
  if (isCygwinSocketFile(bytes)) {
    const file = parseCygwinSocketFile(bytes);
    return typeof file === 'string' ? file : {...file, cygwin: true};
  }
  if (bytes.length > NATIVE_MAX) return `is longer than ${NATIVE_MAX} bytes, so it is no GnuPG socket file`;
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0) return 'holds no port line, so it is no GnuPG socket file';
  const digits = String.fromCharCode(...bytes.subarray(0, newline)).replace(/\r$/, '');
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) return 'names no valid port';
  const nonce = Uint8Array.from(bytes.subarray(newline + 1));
  if (nonce.length !== NONCE_BYTES) return `has a nonce of ${nonce.length} bytes instead of ${NONCE_BYTES}`;
  return {port, nonce};
}
