import {isUtf8} from 'node:buffer';
import {closeSync, constants, fstatSync, openSync, readSync, type Stats} from 'node:fs';
import {shellWord} from '../../shared/text.ts';
import {configError} from './config-error.ts';

/** A configuration file far beyond what a person writes is refused before it is parsed, in bytes. */
const FILE_MAX = 1024 * 1024;

/** The text of the configuration file. Throws UserError for what is no text in UTF-8, and what the system says. */
export function readText(path: string): string {
  return decode(path, readBytes(path));
}

function readBytes(path: string): Buffer {
  // a FIFO has nobody at its other end
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    const kind = kindOf(stats);
    if (kind !== undefined) throw configError(`${path} is ${kind}, not a file`, `ls -ld ${shellWord(path)}`);
    const bytes = Buffer.alloc(Math.min(stats.size, FILE_MAX) + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got)
      got = readSync(fd, bytes, length, bytes.length - length, null);
    if (length > FILE_MAX) throw configError(`${path}: larger than ${FILE_MAX} bytes`);
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** What stands in place of a file. A character device such as /dev/null may. */
function kindOf(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isBlockDevice() ? 'a disk' : undefined;
}

function decode(path: string, bytes: Buffer): string {
  const encoding = utf16Of(bytes);
  if (encoding !== undefined) {
    const [from, to] = [shellWord(path), shellWord(`${path}.utf8`)];
    throw configError(
      `${path} is saved as UTF-16, and TOML is UTF-8`,
      `iconv -f ${encoding} -t UTF-8 ${from} > ${to} && mv ${to} ${from}`,
    );
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0)
    throw configError(`${path}: line ${lineAt(bytes, zero)} holds a zero byte, which no text does`);
  if (!isUtf8(bytes))
    throw configError(
      `${path}: line ${lineAt(bytes, firstInvalid(bytes))} is not UTF-8, as of a file that was saved as ANSI`,
      'save it as UTF-8: in Notepad with "Save as" and the encoding UTF-8; docs/configuration.md says more',
    );
  // takes a byte order mark away
  return new TextDecoder().decode(bytes);
}

/** As iconv(1) calls it. Without a mark it is recognised by the zeros beside the letters that TOML cannot do without. */
function utf16Of(bytes: Buffer): string | undefined {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff) return 'UTF-16';
  if (bytes.length < 4 || bytes.length % 2 !== 0) return undefined;
  const zeros = [0, 0];
  for (const [at, byte] of bytes.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [high = 0, low = 0] = zeros;
  if (low > bytes.length / 4 && high === 0) return 'UTF-16LE';
  return high > bytes.length / 4 && low === 0 ? 'UTF-16BE' : undefined;
}

/** The lines are as they are in ASCII, whatever the rest of the encoding is. */
function lineAt(bytes: Buffer, at: number): number {
  return bytes.subarray(0, at).filter(byte => byte === 0x0a).length + 1;
}

/** Where the first byte is that cannot be UTF-8. */
function firstInvalid(bytes: Buffer): number {
  for (let at = 0, next = 0; at < bytes.length; at = next) {
    next = bytes.indexOf(0x0a, at) + 1 || bytes.length;
    if (!isUtf8(bytes.subarray(at, next))) return at;
  }
  return bytes.length;
}
