/**
 * Reads what `gpgconf --list-dirs` prints: `name:value` lines, values percent-escaped
 * (GnuPG's gpgconf.c), line ends of either system.
 */
export function parseListDirs(text: string): Map<string, string> {
  const dirs = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) dirs.set(line.slice(0, colon), unescapePercent(line.slice(colon + 1)));
  }
  return dirs;
}

/** Undoes percent escapes; what is no escape stays as it is. */
export function unescapePercent(value: string): string {
  return value.replace(/(?:%[0-9a-fA-F]{2})+/g, run => {
    const bytes = Uint8Array.from(run.slice(1).split('%'), hex => Number.parseInt(hex, 16));
    return new TextDecoder().decode(bytes);
  });
}
