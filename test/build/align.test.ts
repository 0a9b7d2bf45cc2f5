import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {NtExecutable} from 'resedit';
import {pageAligned} from '../../.ci/build/align.ts';
import {ARCHES} from '../../.ci/build/arch.ts';
import {EXE_NAMES} from '../../.ci/build/build.ts';

const DIST = join(import.meta.dirname, '../../dist');
const PAGE = 4096;

/** Each section's name, place in memory and bytes, those in the file cut to what is of use. */
function sections(exe: Uint8Array) {
  return NtExecutable.from(exe, {ignoreCert: true})
    .getAllSections()
    .map(({info, data}) => {
      const used = Buffer.from(data ?? new ArrayBuffer(0)).subarray(0, info.virtualSize);
      return [
        info.name,
        info.virtualAddress,
        info.virtualSize,
        createHash('sha256').update(used).digest('hex'),
      ];
    });
}

/** A program of 64 bits with sections of these sizes, at multiples of 512 in the file. */
function program(...sizes: number[]): Uint8Array {
  const [pe, optionalSize, headers] = [0x80, 240, 0x400];
  const total = sizes.reduce((sum, size) => sum + size, headers);
  const bytes = Buffer.alloc(total);
  bytes.write('MZ');
  bytes.writeUInt32LE(pe, 0x3c);
  bytes.write('PE\0\0', pe);
  bytes.writeUInt16LE(0x8664, pe + 4);
  bytes.writeUInt16LE(sizes.length, pe + 6);
  bytes.writeUInt16LE(optionalSize, pe + 20);
  const optional = pe + 24;
  bytes.writeUInt16LE(0x20b, optional);
  bytes.writeUInt32LE(PAGE, optional + 32);
  bytes.writeUInt32LE(0x200, optional + 36);
  bytes.writeUInt32LE(headers, optional + 60);
  bytes.writeUInt32LE(16, optional + 108);
  let [from, address] = [headers, PAGE];
  for (const [n, size] of sizes.entries()) {
    const row = optional + optionalSize + n * 40;
    bytes.write(`.s${n}`, row);
    bytes.writeUInt32LE(Math.max(size, 100), row + 8);
    bytes.writeUInt32LE(address, row + 12);
    bytes.writeUInt32LE(size, row + 16);
    bytes.writeUInt32LE(size === 0 ? 0 : from, row + 20);
    bytes.fill(n + 1, from, from + size);
    from += size;
    address += Math.ceil(Math.max(size, 100) / PAGE) * PAGE;
  }
  return bytes;
}

test('each section keeps its place in memory and its bytes, and begins at a page of the file', t => {
  const before = program(0x200, 0x1200, 0, 0x3000);
  const after = pageAligned(before);
  t.deepEqual(sections(after), sections(before));
  const exe = NtExecutable.from(after);
  t.is(exe.newHeader.optionalHeader.fileAlignment, PAGE);
  for (const {info} of exe.getAllSections()) {
    t.is(info.pointerToRawData % PAGE, 0);
    t.is(info.sizeOfRawData % PAGE, 0);
  }
  t.deepEqual(pageAligned(after), after, 'once is enough');
});

test('what stands behind the sections is not dropped in silence', t => {
  t.throws(() => pageAligned(Buffer.concat([program(0x200), Buffer.from('more')])), {
    message: /would be lost/,
  });
});

for (const arch of ARCHES)
  test(`${EXE_NAMES[arch]} can be mapped, debug rows included`, async t => {
    const bytes = await readFile(join(DIST, EXE_NAMES[arch]));
    const exe = NtExecutable.from(bytes, {ignoreCert: true});
    for (const {info} of exe.getAllSections()) t.is(info.pointerToRawData % PAGE, 0, info.name);
    const {virtualAddress, size} = exe.newHeader.optionalHeaderDataDirectory.get(6);
    const inFile = (address: number) => {
      const of = exe
        .getAllSections()
        .find(({info}) => address >= info.virtualAddress && address < info.virtualAddress + info.virtualSize);
      return of && of.info.pointerToRawData + address - of.info.virtualAddress;
    };
    const first = inFile(virtualAddress) ?? 0;
    t.true(size >= 28);
    for (let row = first; row < first + size; row += 28)
      if (bytes.readUInt32LE(row + 20) !== 0)
        t.is(inFile(bytes.readUInt32LE(row + 20)), bytes.readUInt32LE(row + 24));
  });
