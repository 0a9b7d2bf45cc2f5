/** How long a helper takes to start, as long as no start has shown that it takes longer, in milliseconds. */
const START_MS = 500;

/** How long clients that came close together are expected to do so again, in milliseconds. */
export const EXPECTED_MS = 60_000;

/** No more than ansible connects at a time unless it is told to: its `forks`. */
const MOST = 5;

/** How many clients come so close together that there must be a helper for each before they come. */
export class Demand {
  /** When the latest clients came, in milliseconds; at most as many as count. */
  #arrivals: number[] = [];
  /** Who comes within this time of another finds no helper that was started in place of the other's, in milliseconds. */
  #start = START_MS;
  #most = 0;
  #mostAt = Number.NEGATIVE_INFINITY;

  /** A client has come. */
  note(now: number): void {
    this.#arrivals = [...this.#arrivals, now].filter(at => now - at <= this.#start).slice(-MOST);
    if (this.#arrivals.length < this.expected(now)) return;
    this.#most = this.#arrivals.length;
    this.#mostAt = now;
  }

  /** A helper took so long to start, in milliseconds. */
  learn(start: number): void {
    this.#start = Math.max(START_MS, start);
  }

  /** How many are expected to come together, of late. */
  expected(now: number): number {
    return now - this.#mostAt > EXPECTED_MS ? 0 : this.#most;
  }
}
