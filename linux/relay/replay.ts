import {ByteQueue} from '../../shared/bytes.ts';

/** What is kept to be said again to another helper, in bytes: more than any first request. */
const REPEATABLE = 512 * 1024;

/**
 * What a client has said before an agent was reached, so that it can be said again, once, to another
 * helper. After Windows slept, a helper that waits may turn out to be dead only when it is used
 * (microsoft/WSL#41286).
 */
export class Replay {
  #kept: ByteQueue | undefined = new ByteQueue();
  #retried = false;

  /** What was said so far, which stays as it is; nothing once it was forgotten. */
  get kept(): Uint8Array {
    return this.#kept?.peek() ?? new Uint8Array(0);
  }

  add(bytes: Uint8Array): void {
    if (this.#kept === undefined) return;
    if (this.#kept.length + bytes.length > REPEATABLE) this.forget();
    else this.#kept.push(bytes);
  }

  /** An agent was reached, or there is nobody left to say it for. */
  forget(): void {
    this.#kept = undefined;
  }

  /** Whether another helper may be tried now; true at most once. */
  retry(): boolean {
    const may = !this.#retried && this.#kept !== undefined;
    this.#retried = true;
    return may;
  }
}
