import type {Random} from './random.ts';

/** Bytes at which formats turn: bounds of lengths, ends of lines and of texts. */
const TELLING = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x7f, 0x80, 0xc3, 0xff] as const;

/** Lengths at the bounds of formats, and of integers. */
const BOUNDS = [0, 1, 65_536, 65_537, 262_144, 262_145, 0x7fff_ffff, 0xffff_ffff] as const;

/** The most that a mutation repeats, so that inputs do not grow without an end. */
const REPEAT_MAX = 64;
const LENGTH_MAX = 1024 * 1024;

/** A copy with so many faults, each of a kind that wires, files and people make; `other` is what it may be mixed with. */
export function mutated(bytes: Uint8Array, faults: number, random: Random, other: Uint8Array): Uint8Array {
  let result = bytes;
  for (let count = 0; count < faults; count++) result = mutatedOnce(result, random, other);
  return result;
}

function mutatedOnce(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = 1 + random.small(16);
  switch (random.below(9)) {
    case 0:
      return changed(bytes, at, old => old ^ (1 << random.below(8)));
    case 1:
      return changed(bytes, at, () => random.pick(TELLING));
    case 2:
      return changed(bytes, at, old => old + random.pick([1, -1, 4, -4]));
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return joined(bytes.subarray(0, at), random.bytes(length), bytes.subarray(at));
    case 5:
      // cut off
      return bytes.subarray(0, at);
    case 6: {
      const again = bytes.subarray(at, at + length);
      const times = 1 + random.small(REPEAT_MAX);
      return joined(bytes.subarray(0, at), ...Array.from({length: times}, () => again), bytes.subarray(at));
    }
    case 7: {
      const from = random.below(other.length + 1);
      return joined(bytes.subarray(0, at), other.subarray(from));
    }
    default: {
      // a field of four bytes, as lengths are
      const field = Buffer.alloc(4);
      field.writeUInt32BE(random.once(2) ? random.pick(BOUNDS) : random.below(65_537));
      return joined(bytes.subarray(0, at), field, bytes.subarray(at + 4));
    }
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts).subarray(0, LENGTH_MAX);
}

function changed(bytes: Uint8Array, at: number, change: (old: number) => number): Uint8Array {
  if (at >= bytes.length) return bytes;
  // not slice, which gives the same memory when it is a Buffer's
  const copy = Uint8Array.from(bytes);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}
