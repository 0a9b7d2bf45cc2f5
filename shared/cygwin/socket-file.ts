/**
 * What a socket file of Cygwin, MSYS2 or Git for Windows holds (fhandler/socket_local.cc): a port of loopback, and
 * the secret as it goes over the wire.
 */
export type CygwinSocketFile = {port: number; nonce: Uint8Array};

/** How such a file begins. */
const COOKIE = '!<socket >';

/** The longest such file, in bytes: the cookie, five digits, ` s `, the secret in hexadecimal, and a NUL. */
export const CYGWIN_SOCKET_FILE_MAX = COOKIE.length + 5 + 3 + 35 + 1;

const WHOLE = /^!<socket >([0-9]{1,5}) ([sd]) ([0-9a-f]{8}(?:-[0-9a-f]{8}){3})\0?$/i;
const CUT = /^!<socket >[0-9]{0,5}(?: ?| [sd](?: ?| [0-9a-f-]{1,34}))$/i;
const MSYS_1 = /^!<socket >[0-9]{1,5} [0-9a-f]{8}-/i;

/** Whether the file is one of these, whole or not. */
export function isCygwinSocketFile(bytes: Uint8Array): boolean {
  return textOf(bytes.subarray(0, COOKIE.length)) === COOKIE;
}

/**
 * Reads `!<socket >PORT s XXXXXXXX-XXXXXXXX-XXXXXXXX-XXXXXXXX`, in either case (Cygwin and KeeAgent write upper,
 * libassuan lower), with or without a NUL behind it. Returns a sentence that says what is wrong, without any of
 * the secret, when it is no such file.
 */
export function parseCygwinSocketFile(bytes: Uint8Array): CygwinSocketFile | string {
  if (bytes.length === 0) return 'is empty';
  if (bytes.length > CYGWIN_SOCKET_FILE_MAX)
    return `is longer than ${CYGWIN_SOCKET_FILE_MAX} bytes, so it is no socket file of Cygwin or MSYS2`;
  const text = textOf(bytes);
  const [, digits = '', kind, secret] = WHOLE.exec(text) ?? [];
  if (secret === undefined) return whatElse(text);
  if (kind === 'd') return 'is a datagram socket, over which no agent speaks';
  const port = Number(digits);
  if (port < 1 || port > 65_535) return 'names no valid port';
  return {port, nonce: wireSecret(secret)};
}

/** The four values as little-endian integers: both Cygwin and libassuan send them as they lie in memory. */
function wireSecret(hexadecimal: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (const [index, group] of hexadecimal.split('-').entries())
    view.setUint32(4 * index, Number.parseInt(group, 16), true);
  return bytes;
}

function whatElse(text: string): string {
  if (MSYS_1.test(text))
    return 'is of MSYS 1, whose sockets need another handshake: use MSYS2 or Git for Windows 2';
  if (CUT.test(text) || COOKIE.startsWith(text)) return 'is cut short';
  if (text.startsWith(COOKIE)) return 'is damaged';
  if (/^[0-9]{1,5}\r?\n/.test(text)) return 'is a GnuPG socket file: write assuan: in place of cygwin:';
  return 'is no socket file of Cygwin, MSYS2 or Git for Windows';
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
