/** A piece that keeps more than so many times its own length in memory is copied. */
const PINNED_MAX = 4;

/** The piece, or a copy where it is a small part of a large buffer, which would stay in memory with it. */
export function unpinned(piece: Uint8Array): Uint8Array {
  return piece.buffer.byteLength > PINNED_MAX * piece.length ? new Uint8Array(piece) : piece;
}

/** What a queue takes at first, in bytes: most requests fit. */
const SMALL = 512;

/**
 * Bytes that wait, in memory of their own: a piece of one byte costs one byte, and none keeps alive the large buffer that
 * it came in. Takes at most twice what waits, and nothing when nothing does.
 */
export class ByteQueue {
  #bytes = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  push(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#bytes.length) this.#makeRoom(piece.length);
    this.#bytes.set(piece, this.#end);
    this.#end += piece.length;
  }

  /** The unsigned big-endian number of four bytes at the front; undefined when fewer wait. */
  peekUint32(): number | undefined {
    if (this.length < 4) return undefined;
    return new DataView(this.#bytes.buffer).getUint32(this.#start);
  }

  /** All that waits. What is pushed later does not change it, and what is taken later does not either. */
  peek(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Takes `count` bytes, or all that wait, off the front: bytes that nobody else has, in at most twice their memory. */
  take(count: number = this.length): Uint8Array {
    if (count >= this.length && 2 * this.length >= this.#bytes.length) {
      const all = this.peek();
      this.clear();
      return all;
    }
    const taken = this.#bytes.slice(this.#start, Math.min(this.#start + count, this.#end));
    this.#start += taken.length;
    if (this.#start === this.#end) this.clear();
    return taken;
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(count: number): void {
    const needed = this.length + count;
    const fits = 2 * needed <= this.#bytes.length;
    const room = fits ? this.#bytes : new Uint8Array(Math.max(SMALL, needed, 2 * this.length));
    room.set(this.#bytes.subarray(this.#start, this.#end));
    this.#end = this.length;
    this.#start = 0;
    this.#bytes = room;
  }
}
