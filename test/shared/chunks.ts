import fc from 'fast-check';

/** Any way to cut `bytes` into pieces, single bytes and empty ends included. */
export function cuts(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc
    .uniqueArray(fc.integer({min: 1, max: Math.max(1, bytes.length - 1)}), {maxLength: 40})
    .map(points => cutAt(bytes, points));
}

/** `bytes` cut at these offsets. */
export function cutAt(bytes: Uint8Array, points: number[]): Uint8Array[] {
  const sorted = [...points].sort((a, b) => a - b).filter(point => point < bytes.length);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

/** All pieces as one array. */
export function join(pieces: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}
