import type {Writable} from 'node:stream';

/**
 * Gives a client what the agent says, and the helper its credit back: for what the client has taken, and for part
 * of an answer, which is kept until the rest is here. An answer may be longer than the credit, so the rest
 * may need what its part took; but not while earlier answers wait for a client that reads none, or there would be
 * no bound to what is kept for it.
 */
export class ToClient {
  readonly #socket: Writable;
  #unreturned = 0;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Books `count` bytes that came from the agent and sends `pieces`, whole answers that they completed. */
  send(count: number, pieces: Uint8Array[], consumed: (count: number) => void): void {
    this.#unreturned += count;
    const last = pieces.at(-1);
    if (last === undefined) {
      this.#returnPart(consumed);
      return;
    }
    const returned = this.#unreturned;
    this.#unreturned = 0;
    this.#socket.cork();
    for (const piece of pieces.slice(0, -1)) this.#socket.write(piece);
    this.#socket.write(last, () => {
      consumed(returned);
      this.#returnPart(consumed);
    });
    this.#socket.uncork();
  }

  #returnPart(consumed: (count: number) => void): void {
    if (this.#unreturned === 0 || this.#socket.writableLength > 0) return;
    consumed(this.#unreturned);
    this.#unreturned = 0;
  }
}
