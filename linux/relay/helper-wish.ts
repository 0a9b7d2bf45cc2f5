import type {HelperPool, Waiter} from './helper-pool.ts';

/** A connection's place in the line for a helper. */
export class HelperWish {
  readonly #pool: HelperPool;
  #withdraw: (() => void) | undefined;
  #waits = false;

  constructor(pool: HelperPool) {
    this.#pool = pool;
  }

  /** Whether a helper is still to come. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Asks for one; the waiter may be called before this returns. */
  ask({serve, failed}: Waiter): void {
    this.#waits = true;
    this.#withdraw = this.#pool.request({
      serve: helper => {
        this.#waits = false;
        serve(helper);
      },
      failed: failure => {
        this.#waits = false;
        failed(failure);
      },
    });
  }

  /** No helper is needed any more. */
  drop(): void {
    if (this.#waits) this.#withdraw?.();
    this.#waits = false;
  }
}
