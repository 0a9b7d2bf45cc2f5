import {closeSync, fstatSync, openSync, readSync} from 'node:fs';

export type ExeState = 'ok' | 'missing' | 'unreadable' | 'empty' | 'foreign' | 'truncated';

/** More than any linker puts in front of the first section. */
const HEADERS_MAX = 64 * 1024;

const PE_OFFSET_AT = 0x3c;
const PE_SIGNATURE = 0x0000_4550;
const FILE_HEADER_BYTES = 24;
const SECTION_BYTES = 40;

/**
 * Whether a file is a Windows program with all its sections, read from its headers alone (PE format,
 * Microsoft). `foreign` is any other kind of file.
 */
export function inspectExe(path: string): ExeState {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable';
  }
  try {
    const {size} = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, HEADERS_MAX));
    return inspectHeaders(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)), size);
  } catch {
    return 'unreadable';
  } finally {
    closeSync(fd);
  }
}

function inspectHeaders(head: Buffer, size: number): ExeState {
  if (size === 0) return 'empty';
  if (head.toString('latin1', 0, 2) !== 'MZ') return 'foreign';
  if (head.length < PE_OFFSET_AT + 4) return 'truncated';
  const pe = head.readUInt32LE(PE_OFFSET_AT);
  if (pe + FILE_HEADER_BYTES > head.length) return 'truncated';
  if (head.readUInt32LE(pe) !== PE_SIGNATURE) return 'foreign';
  const sections = head.readUInt16LE(pe + 6);
  const first = pe + FILE_HEADER_BYTES + head.readUInt16LE(pe + 20);
  for (let at = first; at < first + sections * SECTION_BYTES; at += SECTION_BYTES) {
    if (at + SECTION_BYTES > head.length) return 'truncated';
    if (head.readUInt32LE(at + 20) + head.readUInt32LE(at + 16) > size) return 'truncated';
  }
  return 'ok';
}
