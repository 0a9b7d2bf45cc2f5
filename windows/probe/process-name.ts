import {bind, type Handle, kernel32, NO_HANDLE} from '../native/kernel32.ts';
import {textOf} from '../native/text16.ts';

const TH32CS_SNAPPROCESS = 2;

/** PROCESSENTRY32W of tlhelp32.h on 64-bit Windows: its size, and where the pid and the file's name stand, in bytes. */
const ENTRY_BYTES = 568;
const PID_AT = 8;
const NAME_AT = 44;
const NAME_UNITS = 260;

/** More processes than any machine has: the walk ends. */
const ENTRIES_MAX = 100_000;

type Step = (snapshot: Handle, entry: Uint8Array) => number;

/**
 * The file name of a process's program, from the list of all processes: Windows tells it of those, too, that may not be
 * opened, such as services, of which one is OpenSSH's agent. Undefined when there is no such process.
 */
export function fileNameOf(pid: number): string | undefined {
  const {func} = bind('kernel32.dll');
  const snapshot = func<(flags: number, pid: number) => Handle>(
    'intptr_t CreateToolhelp32Snapshot(uint32, uint32)',
  )(TH32CS_SNAPPROCESS, 0);
  if (snapshot === NO_HANDLE) return undefined;
  const next = func<Step>('int Process32NextW(intptr_t, void *)');
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.writeUInt32LE(ENTRY_BYTES, 0);
  try {
    let found = func<Step>('int Process32FirstW(intptr_t, void *)')(snapshot, entry);
    for (let count = 0; found && count < ENTRIES_MAX; count++) {
      if (entry.readUInt32LE(PID_AT) === pid) return nameIn(entry);
      found = next(snapshot, entry);
    }
    return undefined;
  } finally {
    kernel32().CloseHandle(snapshot);
  }
}

/** The text before the first NUL. */
function nameIn(entry: Buffer): string {
  const units = new Uint16Array(entry.buffer.slice(entry.byteOffset + NAME_AT), 0, NAME_UNITS);
  const end = units.indexOf(0);
  return textOf(units, end < 0 ? NAME_UNITS : end);
}
