/** What is kept to be said again to another helper, in bytes: more than any first request. */
const REPEATABLE = 512 * 1024;

/**
 * What a client has said before an agent was reached, so that it can be said again, once, to another
 * helper. After Windows slept, a helper that waits may turn out to be dead only when it is used
 * (microsoft/WSL#41286).
 */
export class Replay {
  #kept: Uint8Array[] | undefined = [];
  #length = 0;
  #retried = false;

  /** What was said so far; nothing once it was forgotten. */
  get kept(): readonly Uint8Array[] {
    return this.#kept ?? [];
  }

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > REPEATABLE) this.forget();
    this.#kept?.push(bytes);
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
