const FIRST = 1000;
/** Spares are kept for hours: without Windows' answer they are tried some fifteen times in these. */
const LONGEST = 30 * 60_000;

/** How long to leave failing starts alone: 1, 2, 4 … s, half an hour at most. */
export class Backoff {
  #next = FIRST;

  /** The pause after a failure, in milliseconds. */
  failed(): number {
    const pause = this.#next;
    this.#next = Math.min(this.#next * 2, LONGEST);
    return pause;
  }

  succeeded(): void {
    this.#next = FIRST;
  }
}
