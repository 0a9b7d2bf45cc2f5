/** How much in how long is heavy, in bytes and milliseconds: file contents rather than questions to an agent. */
const HEAVY_BYTES = 4 * 1024 * 1024;
const WINDOW_MS = 500;

/** How long after that a helper counts as busy, in milliseconds. */
const CALM_AFTER_MS = 1000;

/** How much goes through a helper, both ways. */
export class Traffic {
  readonly #turnedHeavy: () => void;
  #since = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #heavyUntil = Number.NEGATIVE_INFINITY;

  /** `turnedHeavy` is called when so much goes through that others had better take another way. */
  constructor(turnedHeavy: () => void) {
    this.#turnedHeavy = turnedHeavy;
  }

  get heavy(): boolean {
    return performance.now() < this.#heavyUntil;
  }

  /** Books bytes that went either way. */
  add(count: number): void {
    const now = performance.now();
    if (now - this.#since > WINDOW_MS) {
      this.#since = now;
      this.#bytes = 0;
    }
    this.#bytes += count;
    if (this.#bytes < HEAVY_BYTES) return;
    const turned = !this.heavy;
    this.#heavyUntil = now + CALM_AFTER_MS;
    if (turned) this.#turnedHeavy();
  }
}
