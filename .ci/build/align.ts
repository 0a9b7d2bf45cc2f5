import {Fault} from '../fault.ts';

/** A page of memory, on both processors that Windows runs on. */
const PAGE = 0x1000;

/** Offsets from "PE Format" (Microsoft): in the file, in the headers, in the optional header of PE32+, in a section's row. */
const PE_OFFSET = 0x3c;
const [SECTION_COUNT, SYMBOLS, OPTIONAL_SIZE, OPTIONAL] = [6, 12, 20, 24];
const [FILE_ALIGNMENT, SIZE_OF_HEADERS, CHECKSUM, DIRECTORIES] = [36, 60, 64, 112];
const SECTION_ROW = 40;
const [VIRTUAL_SIZE, VIRTUAL_ADDRESS, RAW_SIZE, RAW_POINTER] = [8, 12, 16, 20];
const DEBUG_DIRECTORY = 6;
const DEBUG_ROW = 28;
const [DEBUG_ADDRESS, DEBUG_POINTER] = [20, 24];

type Section = {row: number; address: number; size: number; from: number; length: number; to: number};

/**
 * The same program with its sections at whole pages of the file. What is not there cannot be mapped: Wine reads all of
 * an 80 MB program into memory of its own then, at every start, which takes 300 ms. Windows does not mind.
 * Throws Fault for a program that has more than sections.
 */
export function pageAligned(exe: Uint8Array): Uint8Array {
  const old = new DataView(exe.buffer, exe.byteOffset, exe.byteLength);
  const pe = old.getUint32(PE_OFFSET, true);
  const optional = pe + OPTIONAL;
  const headers = old.getUint32(optional + SIZE_OF_HEADERS, true);
  const sections = layOut(old, pe, whole(headers));
  const end = Math.max(...sections.map(({from, length}) => from + length));
  if (exe.length > end || old.getUint32(pe + SYMBOLS, true) !== 0)
    throw new Fault('the exe has data behind its sections, which would be lost', 'npm ci');
  const last = sections.at(-1);
  const bytes = new Uint8Array(last === undefined ? whole(headers) : last.to + whole(last.length));
  bytes.set(exe.subarray(0, headers));
  const view = new DataView(bytes.buffer);
  for (const {row, from, length, to} of sections) {
    bytes.set(exe.subarray(from, from + length), to);
    view.setUint32(row + RAW_SIZE, whole(length), true);
    view.setUint32(row + RAW_POINTER, to, true);
  }
  view.setUint32(optional + FILE_ALIGNMENT, PAGE, true);
  view.setUint32(optional + SIZE_OF_HEADERS, whole(headers), true);
  // only drivers are checked for it
  view.setUint32(optional + CHECKSUM, 0, true);
  moveDebugRows(view, optional, sections);
  return bytes;
}

/** Where each section with bytes is, and where it goes: one behind the other from `start` on. */
function layOut(view: DataView, pe: number, start: number): Section[] {
  const table = pe + OPTIONAL + view.getUint16(pe + OPTIONAL_SIZE, true);
  const rows = Array.from(
    {length: view.getUint16(pe + SECTION_COUNT, true)},
    (_, n) => table + n * SECTION_ROW,
  );
  const field = (row: number, offset: number) => view.getUint32(row + offset, true);
  let to = start;
  return rows
    .filter(row => field(row, RAW_SIZE) > 0)
    .map(row => {
      const length = field(row, RAW_SIZE);
      const section = {row, length, to, from: field(row, RAW_POINTER)};
      to += whole(length);
      return {...section, address: field(row, VIRTUAL_ADDRESS), size: field(row, VIRTUAL_SIZE)};
    });
}

/** What a debugger reads has its place in the file written down once more. */
function moveDebugRows(view: DataView, optional: number, sections: readonly Section[]): void {
  const directory = optional + DIRECTORIES + DEBUG_DIRECTORY * 8;
  const [address, size] = [view.getUint32(directory, true), view.getUint32(directory + 4, true)];
  const place = (address: number): number | undefined => {
    const section = sections.find(of => address >= of.address && address < of.address + of.size);
    return section && section.to + address - section.address;
  };
  const first = place(address);
  if (first === undefined) return;
  for (let row = first; row < first + size; row += DEBUG_ROW) {
    const moved = place(view.getUint32(row + DEBUG_ADDRESS, true));
    if (moved !== undefined) view.setUint32(row + DEBUG_POINTER, moved, true);
  }
}

function whole(bytes: number): number {
  return Math.ceil(bytes / PAGE) * PAGE;
}
