import {ByteQueue} from '../../shared/bytes.ts';
import type {ClientProtocol} from './protocols/client-protocol.ts';

/** What is kept to be said again to another helper, in bytes: more than any first request. */
const REPEATABLE = 512 * 1024;

/**
 * What can be said to another helper in the place of one that fails its client: all that the client has said, as long
 * as no agent was reached, and afterwards what its protocol knows to be harmless. After Windows slept, a helper that
 * waits may turn out to be dead only when it is used (microsoft/WSL#41286).
 */
export class Replay {
  readonly #protocol: ClientProtocol;
  #kept: ByteQueue | undefined = new ByteQueue();
  /** Since the agent last answered: what fails two helpers may be the reason. */
  #retried = false;

  constructor(protocol: ClientProtocol) {
    this.#protocol = protocol;
  }

  /** What is to be said to the next helper, which stays as it is. */
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

  /** The agent has answered. */
  answered(): void {
    this.#retried = false;
  }

  /** Whether another helper may be tried now, in place of one that is gone: what no agent was asked, no agent will be. */
  afterDeath(): boolean {
    return this.#once(() => this.#kept !== undefined || this.#again());
  }

  /** Whether another helper may be tried now, in place of one that may still do what it was told: only what is harmless. */
  afterDoubt(): boolean {
    return this.#once(() => this.#kept?.length === 0 || this.#again());
  }

  #once(may: () => boolean): boolean {
    if (this.#retried || !may()) return false;
    this.#retried = true;
    return true;
  }

  #again(): boolean {
    const pieces = this.#protocol.again();
    if (pieces === undefined) return false;
    this.#kept = new ByteQueue();
    for (const piece of pieces) this.add(piece);
    // what is more than can be kept cannot be said again
    return this.#kept !== undefined;
  }
}
