import type {Duplex} from 'node:stream';
import {ByteQueue, unpinned} from '../../shared/bytes.ts';

/** Pieces below this are put together while much is written, in bytes: each write costs some hundred besides. */
const SMALL = 4096;

/** So many writes may be under way before small pieces wait for the last of them: what waits in the stream goes together. */
const WRITES = 16;

/**
 * Writes to an agent that may take its time, in order, and keeps what waits for it at little more than its own length,
 * however it was cut. `taken` is told of bytes that are written, or that nobody will ever read.
 */
export class Outlet {
  readonly #stream: Duplex;
  readonly #taken: (count: number) => void;
  readonly #waiting = new ByteQueue();
  #underway = 0;

  constructor(stream: Duplex, taken: (count: number) => void) {
    this.#stream = stream;
    this.#taken = taken;
  }

  write(bytes: Uint8Array): void {
    if (this.#underway >= WRITES && bytes.length < SMALL) {
      this.#waiting.push(bytes);
      return;
    }
    this.#flush();
    this.#put(unpinned(bytes));
  }

  /** Ends the stream after everything that was written; `ended` is called when all of it is out, or never can be. */
  end(ended?: () => void): void {
    this.#flush();
    this.#stream.end(ended);
  }

  #flush(): void {
    if (this.#waiting.length > 0) this.#put(this.#waiting.take());
  }

  #put(bytes: Uint8Array): void {
    // An agent that has closed reads no more; the client learns it from its end.
    if (!this.#stream.writable) {
      this.#taken(bytes.length);
      return;
    }
    this.#underway++;
    this.#stream.write(bytes, () => {
      this.#underway--;
      this.#taken(bytes.length);
      if (this.#underway === 0) this.#flush();
    });
  }
}
