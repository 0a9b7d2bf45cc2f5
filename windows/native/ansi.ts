import {bind} from './kernel32.ts';
import {textOf} from './text16.ts';

/** CP_ACP: the code page of Windows' functions that end in A, which differs by country. */
const ANSI = 0;

type Convert = (
  page: number,
  flags: number,
  bytes: Uint8Array,
  length: number,
  into: Uint16Array,
  units: number,
) => number;

let convert: Convert | undefined;

/** Reads text of a program that uses Windows' ANSI functions. */
export function decodeAnsi(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  convert ??= bind('kernel32.dll').func<Convert>(
    'int MultiByteToWideChar(uint32, uint32, void *, int, void *, int)',
  );
  // No code page makes more units than there are bytes.
  const units = new Uint16Array(bytes.length);
  return textOf(units, convert(ANSI, 0, bytes, bytes.length, units, units.length));
}
