const FIRST = 1000;
const LONGEST = 30_000;

/** How long to leave failing starts alone: 1, 2, 4 … 30 s. */
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
