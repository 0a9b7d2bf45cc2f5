/** Draws the exe's icon: a light key on a blue tile. Drawn in code so that no binary sits in the repository. */

/** Bytes of one icon image: BITMAPINFOHEADER, BGRA rows from the bottom up, then an empty 1-bit mask. */
export interface IconImage {
  size: number;
  dib: Uint8Array;
}

type Point = readonly [x: number, y: number];
type Colour = readonly [red: number, green: number, blue: number];

/** 256 is what Explorer's large views ask for; 16 is the title bar. */
const SIZES = [16, 24, 32, 48, 64, 256];
const TILE_TOP: Colour = [0x2f, 0x6f, 0xde];
const TILE_BOTTOM: Colour = [0x17, 0x3a, 0x8c];
const KEY: Colour = [0xff, 0xf4, 0xd6];
const HEADER_BYTES = 40;

/** The icon in each of its sizes, smallest first. */
export function iconImages(): IconImage[] {
  return SIZES.map(size => ({size, dib: draw(size)}));
}

function draw(size: number): Uint8Array {
  const maskBytes = Math.ceil(size / 32) * 4 * size;
  const dib = Buffer.alloc(HEADER_BYTES + size * size * 4 + maskBytes);
  dib.writeUInt32LE(HEADER_BYTES, 0);
  dib.writeInt32LE(size, 4);
  // Colour rows and mask rows count as one bitmap of twice the height.
  dib.writeInt32LE(size * 2, 8);
  dib.writeUInt16LE(1, 12);
  dib.writeUInt16LE(32, 14);
  dib.writeUInt32LE(size * size * 4 + maskBytes, 20);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const pixel = shade([(column + 0.5) / size, (row + 0.5) / size], 1 / size);
      dib.set(pixel, HEADER_BYTES + ((size - 1 - row) * size + column) * 4);
    }
  }
  return dib;
}

/** Blue, green, red and alpha of one point of the unit square; `pixel` is the width of the soft edge. */
function shade(point: Point, pixel: number): number[] {
  const tile = coverage(roundedBox(point, [0.5, 0.5], [0.47, 0.47], 0.2), pixel);
  const key = coverage(keyDistance(point), pixel);
  const mixed = [0, 1, 2].map(i => {
    const back = mix(TILE_TOP[i] ?? 0, TILE_BOTTOM[i] ?? 0, point[1]);
    return Math.round(mix(back, KEY[i] ?? 0, key));
  });
  return [...mixed.reverse(), Math.round(255 * tile)];
}

/** Signed distance to the key: a ring with a shaft and two teeth, turned by an eighth. */
function keyDistance([x, y]: Point): number {
  const [dx, dy] = [x - 0.5, y - 0.5];
  const along = (dx + dy) * Math.SQRT1_2;
  const across = (dy - dx) * Math.SQRT1_2;
  const fromBow = length(along + 0.18, across);
  const ring = Math.abs(fromBow - 0.135) - 0.05;
  const shaft = roundedBox([along, across], [0.16, 0], [0.19, 0.045], 0.02);
  const teeth = [0.2, 0.31].map(at => roundedBox([along, across], [at, -0.08], [0.035, 0.1], 0.015));
  return Math.min(ring, shaft, ...teeth);
}

function roundedBox([x, y]: Point, [cx, cy]: Point, [halfX, halfY]: Point, radius: number): number {
  const qx = Math.abs(x - cx) - halfX + radius;
  const qy = Math.abs(y - cy) - halfY + radius;
  return length(Math.max(qx, 0), Math.max(qy, 0)) + Math.min(Math.max(qx, qy), 0) - radius;
}

/** Not Math.hypot, whose last bit may differ between engines: the exe has to come out the same everywhere. */
function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function coverage(distance: number, pixel: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance / pixel));
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
