import fs from 'node:fs';
import {blocked} from './blocked.ts';

type Piece = {bytes: Uint8Array; written: (() => void) | undefined};

/**
 * Pieces are gathered up to this many bytes into one write: four full frames with their headers, and some small ones. For
 * each write a thread wakes another, which takes longer than the copying.
 */
const GATHER_BYTES = 264 * 1024;

const AGAIN_FIRST_MS = 1;
const AGAIN_MAX_MS = 32;

/** So much is written without a thread of libuv's pool, which costs more than the write (bytes). */
const IN_PLACE_BYTES = 4096;

export type WriterOptions = {
  /** The reader reads whatever happens, so that a small write may block the event loop for it. */
  inPlace?: true;
};

/**
 * Writes to a descriptor, in order and without blocking the event loop. What queued up during a write
 * goes out in the next one as a single buffer: libuv's writev on Windows is a WriteFile for each piece,
 * and every WriteFile is a message of its own on WSL's way to Linux.
 */
export class Writer {
  readonly #fd: number;
  readonly #failed: (error: NodeJS.ErrnoException) => void;
  readonly #inPlace: boolean;
  #queue: Piece[] = [];
  /** Where pieces are put together for a write; made when there are some. */
  #joined: Uint8Array | undefined;
  #pending = 0;
  #writing = false;
  #broken = false;
  #waiting: (() => void)[] = [];

  /** `failed` is called once, with the first error; everything is dropped from then on. */
  constructor(fd: number, failed: (error: NodeJS.ErrnoException) => void, options: WriterOptions = {}) {
    this.#fd = fd;
    this.#failed = failed;
    this.#inPlace = options.inPlace ?? false;
  }

  /** Bytes that were given and not written yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Queues bytes, which must not change until they are written; `written` is called then. */
  write(bytes: Uint8Array, written?: () => void): void {
    if (this.#broken) return;
    this.#queue.push({bytes, written});
    this.#pending += bytes.length;
    if (!this.#writing) {
      this.#writing = true;
      // Once the pieces that arise together are together: a turn of the event loop costs Windows three calls.
      queueMicrotask(() => this.#next());
    }
  }

  /** Resolves when everything given so far is written, or can no longer be. */
  flushed(): Promise<void> {
    if (this.#broken || !this.#writing) return Promise.resolve();
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  #next(): void {
    const batch = this.#gather();
    const first = batch[0];
    if (first === undefined) {
      this.#writing = false;
      this.#release();
      return;
    }
    const whole = batch.length === 1 ? first.bytes : this.#join(batch);
    this.#put(whole, AGAIN_FIRST_MS, () => {
      this.#pending -= whole.length;
      for (const piece of batch) piece.written?.();
      this.#next();
    });
  }

  #gather(): Piece[] {
    let count = 0;
    let bytes = 0;
    for (const piece of this.#queue) {
      if (count > 0 && bytes + piece.bytes.length > GATHER_BYTES) break;
      count++;
      bytes += piece.bytes.length;
    }
    return this.#queue.splice(0, count);
  }

  /** One write is under way at a time, so the same memory serves them all. */
  #join(batch: Piece[]): Uint8Array {
    this.#joined ??= Buffer.allocUnsafeSlow(GATHER_BYTES);
    let length = 0;
    for (const {bytes} of batch) {
      this.#joined.set(bytes, length);
      length += bytes.length;
    }
    return this.#joined.subarray(0, length);
  }

  /** Writes all of it: a write may be partial, and EAGAIN comes from a descriptor that another process made non-blocking. */
  #put(bytes: Uint8Array, again: number, done: () => void): void {
    const written = (error: NodeJS.ErrnoException | null, count: number): void => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#put(bytes, Math.min(again * 2, AGAIN_MAX_MS), done), again);
      } else if (error) {
        this.#broken = true;
        this.#queue = [];
        this.#pending = 0;
        this.#failed(error);
        this.#release();
      } else if (count < bytes.length) {
        this.#put(bytes.subarray(count), AGAIN_FIRST_MS, done);
      } else {
        done();
      }
    };
    if (this.#inPlace && bytes.length <= IN_PLACE_BYTES) this.#putInPlace(bytes, written);
    else {
      blocked.calls++;
      fs.write(this.#fd, bytes, 0, bytes.length, null, (error, count) => {
        blocked.calls--;
        written(error, count);
      });
    }
  }

  #putInPlace(
    bytes: Uint8Array,
    written: (error: NodeJS.ErrnoException | null, count: number) => void,
  ): void {
    let count = 0;
    try {
      count = fs.writeSync(this.#fd, bytes);
    } catch (error) {
      written(error as NodeJS.ErrnoException, 0);
      return;
    }
    written(null, count);
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
