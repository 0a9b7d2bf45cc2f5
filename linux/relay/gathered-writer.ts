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

  /** `written` is called once the pieces have left; never where the stream is over. */
  readonly write = (pieces: Uint8Array[], written?: () => void): void => {
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
    const last = pieces.at(-1);
    for (const piece of pieces)
      if (!this.#stream.write(piece, piece === last ? written : undefined)) this.#full = true;
  };

  /** Ends the stream after everything written. */
  end(): void {
    this.#stream.end();
  }
}
