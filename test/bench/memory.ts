/** The memory of processes as the kernel counts it, in bytes. */
import {closeSync, openSync, readFileSync, readSync} from 'node:fs';
import type {Memory} from './report/schema.ts';

const KIB = 1024;
/** "MZ", "PE\0\0" */
const DOS_MAGIC = 0x5a4d;
const PE_MAGIC = 0x4550;
const HEADER = 1024;

export type Mapping = {start: number; end: number; anonymous: number};
export type Range = {start: number; end: number};

/** Sums over processes; those that are gone meanwhile count as nothing. */
export function memoryOf(pids: readonly number[]): Memory {
  const all = pids.flatMap(pid => processMemory(pid) ?? []);
  const sum = (key: 'pss' | 'anonymous' | 'own') => all.reduce((total, one) => total + one[key], 0);
  return {processes: all.length, pss: sum('pss'), anonymous: sum('anonymous'), own: sum('own')};
}

/**
 * `own` leaves out the images of Windows programs and libraries: Wine reads those into anonymous memory, or writes to
 * their pages, where Windows shares them between processes.
 */
function processMemory(pid: number): Omit<Memory, 'processes'> | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const anonymous = field(rollup, 'Pss_Anon');
    const mappings = parseSmaps(readFileSync(`/proc/${pid}/smaps`, 'utf8'));
    return {
      pss: field(rollup, 'Pss'),
      anonymous,
      own: anonymous - anonymousIn(mappings, imagesOf(pid, mappings)),
    };
  } catch {
    return undefined;
  }
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * KIB;
}

/** Reads /proc/PID/smaps (proc(5)). */
export function parseSmaps(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (head) mappings.push({start: hex(head[1]), end: hex(head[2]), anonymous: 0});
    const anonymous = /^Anonymous:\s+(\d+) kB$/.exec(line)?.[1];
    const last = mappings.at(-1);
    if (anonymous !== undefined && last !== undefined) last.anonymous = Number(anonymous) * KIB;
  }
  return mappings;
}

function hex(text = ''): number {
  return Number.parseInt(text, 16);
}

/** The anonymous bytes of mappings that begin inside one of these ranges. */
export function anonymousIn(mappings: readonly Mapping[], ranges: readonly Range[]): number {
  const inside = mappings.filter(({start}) =>
    ranges.some(range => start >= range.start && start < range.end),
  );
  return inside.reduce((sum, {anonymous}) => sum + anonymous, 0);
}

/** Where the images of Windows programs lie in a process. */
function imagesOf(pid: number, mappings: readonly Mapping[]): Range[] {
  let file: number;
  try {
    file = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return [];
  }
  try {
    return mappings.flatMap(({start}) => {
      const header = Buffer.alloc(HEADER);
      try {
        readSync(file, header, 0, HEADER, start);
      } catch {
        // nobody may read there
        return [];
      }
      const size = imageSize(header);
      return size === undefined ? [] : [{start, end: start + size}];
    });
  } finally {
    closeSync(file);
  }
}

/** SizeOfImage of a Windows image whose first bytes these are; undefined when they are something else. */
export function imageSize(header: Buffer): number | undefined {
  if (header.readUInt16LE(0) !== DOS_MAGIC) return undefined;
  const pe = header.readUInt32LE(0x3c);
  if (pe + 0x54 > header.length || header.readUInt32LE(pe) !== PE_MAGIC) return undefined;
  return header.readUInt32LE(pe + 0x50);
}
