import type {Writable} from 'node:stream';

/**
 * Puts the pieces that arise in one turn of the event loop on a stream in one write: a system call
 * per turn instead of two per frame, and fewer, larger reads on the other side.
 */
export class GatheredWriter {
  readonly #stream: Writable;
  #corked = false;
  #full = false;

  /** `drained` is called when the stream takes more again after `full` was true. */
  constructor(stream: Writable, drained: () => void) {
    this.#stream = stream;
    stream.on('drain', () => {
      this.#full = false;
      drained();
    });
  }

  /** The stream holds as much as it should: sources had better pause. */
  get full(): boolean {
    return this.#full;
  }

  readonly write = (pieces: Uint8Array[]): void => {
    if (!this.#stream.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#stream.cork();
      // after the poll phase, so that the requests of several clients that came together go together
      setImmediate(() => {
        this.#corked = false;
        this.#stream.uncork();
      });
    }
    for (const piece of pieces) if (!this.#stream.write(piece)) this.#full = true;
  };

  /** Ends the stream after everything written. */
  end(): void {
    this.#stream.end();
  }
}
