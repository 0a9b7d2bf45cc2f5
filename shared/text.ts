const UTF8 = new TextDecoder('utf-8');

/**
 * Text from outside made safe for a log line or a terminal: control characters become spaces,
 * so that nobody can forge a second line or an escape sequence; cut after `limit` characters.
 */
export function oneLine(text: string, limit = 300): string {
  const clean = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

/** Bytes from outside as one safe line; bytes that are not UTF-8 show as U+FFFD. */
export function oneLineOfBytes(bytes: Uint8Array, limit = 300): string {
  return oneLine(UTF8.decode(bytes.subarray(0, limit * 4)), limit);
}

/** What every shell, and systemd, takes as one word as it stands. */
export const PLAIN = /^[A-Za-z0-9_@+=:,./-]+$/;

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The lines of a text, without empty ones. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter(line => line !== '');
}

/** What stands before each line of a hint in a log, where all is one line. */
export const HINT = '; hint: ';
