import type {Writable} from 'node:stream';
import {ByteQueue} from '../../shared/bytes.ts';

/** Answers below this are put together while the client takes others, in bytes: each write costs some hundred besides. */
const SMALL = 4096;

/**
 * Gives a client what the agent says, and the helper its credit back: for what the client has taken, and for part
 * of an answer, which is kept until the rest is here. An answer may be longer than the credit, so the rest
 * may need what its part took; but not while earlier answers wait for a client that reads none, or there would be
 * no bound to what is kept for it.
 */
export class ToClient {
  readonly #socket: Writable;
  readonly #waiting = new ByteQueue();
  #underway = 0;
  #unreturned = 0;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Books `count` bytes that came from the agent and sends `pieces`, whole answers that they completed. */
  send(count: number, pieces: Uint8Array[], consumed: (count: number) => void): void {
    const [first, ...more] = pieces;
    if (first === undefined) {
      this.#unreturned += count;
      this.#returnPart(consumed);
      return;
    }
    const whole = more.length === 0 ? first : Buffer.concat(pieces);
    const waits = this.#underway > 0 && whole.length < SMALL;
    if (!waits) this.#flush(consumed);
    this.#unreturned += count;
    if (waits) this.#waiting.push(whole);
    else this.#put(whole, consumed);
  }

  /** Gives the socket all that waits, because it is to be ended. */
  flush(): void {
    if (this.#waiting.length > 0) this.#socket.write(this.#waiting.take());
  }

  #flush(consumed: (count: number) => void): void {
    if (this.#waiting.length > 0) this.#put(this.#waiting.take(), consumed);
  }

  #put(bytes: Uint8Array, consumed: (count: number) => void): void {
    const returned = this.#unreturned;
    this.#unreturned = 0;
    this.#underway++;
    this.#socket.write(bytes, () => {
      this.#underway--;
      consumed(returned);
      if (this.#underway > 0) return;
      this.#flush(consumed);
      this.#returnPart(consumed);
    });
  }

  #returnPart(consumed: (count: number) => void): void {
    if (this.#unreturned === 0 || this.#underway > 0) return;
    consumed(this.#unreturned);
    this.#unreturned = 0;
  }
}
