/** A number of places; those who come when all are taken wait in order. */
export class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits for a place, which must be given back. False when there was none until `deadline` (on the clock of
   * `performance.now()`); rejects with the signal's reason. Then none was taken.
   */
  take(signal: AbortSignal, deadline?: number): Promise<boolean> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(true);
    }
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const mine = (): void => {
        finish();
        resolve(true);
      };
      const giveUp = (): void => {
        finish();
        this.#waiting.splice(this.#waiting.indexOf(mine), 1);
      };
      const onAbort = (): void => {
        giveUp();
        reject(signal.reason);
      };
      const onLate = (): void => {
        giveUp();
        resolve(false);
      };
      const timer =
        deadline === undefined ? undefined : setTimeout(onLate, Math.max(0, deadline - performance.now()));
      signal.addEventListener('abort', onAbort, {once: true});
      this.#waiting.push(mine);
    });
  }

  /** Gives a place to the next one, if anybody waits. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
