/** Assuan commands that tell the double (test/fixtures/told-assuan.ts) what to do, and the lines of Assuan. */
import {createHash} from 'node:crypto';
import {pattern} from './told-requests.ts';

export const GREETING = 'OK told\n';

/** What an Assuan line may hold beside `D ` (libassuan, ASSUAN_LINELENGTH), in bytes. */
const LINE_BYTES = 900;

/** Bytes as data lines: percent, carriage return and newline are escaped. */
export function dataLines(bytes: Uint8Array): Buffer {
  const lines: string[] = [];
  let line = 'D ';
  for (const byte of bytes) {
    if (line.length >= LINE_BYTES) {
      lines.push(line);
      line = 'D ';
    }
    const character = String.fromCharCode(byte);
    line += /[%\r\n]/.test(character) ? `%${byte.toString(16).padStart(2, '0')}` : character;
  }
  lines.push(line);
  return Buffer.from(`${lines.join('\n')}\n`, 'latin1');
}

/** What the data line (`D ` included, its newline not) stands for. */
export function dataOf(line: string): Buffer {
  const plain = line
    .slice(2)
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}

/** What the double sends in answer to `FLOOD` and, while it still reads, to `BOTH`. */
export function itsData(size: number): Buffer {
  return dataLines(pattern(size, 7));
}

/** What the double says of the data it was sent. */
export function receipt(data: Uint8Array): string {
  return `S RECEIVED ${data.length} ${createHash('sha256').update(data).digest('hex')}\n`;
}
