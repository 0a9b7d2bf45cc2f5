import type {Writable} from 'node:stream';
import {ByteQueue, unpinned} from '../../shared/bytes.ts';

/** Answers below this are put together, in bytes: each write costs some hundred besides. */
const SMALL = 4096;

/** So many writes may be under way before small answers wait for one of them to be taken: the kernel takes them together. */
const WRITES = 16;

/**
 * Gives a client what the agent says, and the helper its credit back: for what the client has taken, and for part
 * of an answer, which is kept until the rest is here. An answer may be longer than the credit, so the rest
 * may need what its part took; but not while earlier answers wait for a client that reads none, or there would be
 * no bound to what is kept for it.
 */
export class ToClient {
  readonly #socket: Writable;
  readonly #consumed: (count: number) => void;
  /** Small answers that came in this turn of the event loop: one read from the helper holds many. */
  readonly #fresh: Uint8Array[] = [];
  /** Those of earlier turns, while the client takes none of many others. */
  readonly #waiting = new ByteQueue();
  #underway = 0;
  #unreturned = 0;

  /** `consumed` is called with what the helper may send again, in bytes. */
  constructor(socket: Writable, consumed: (count: number) => void) {
    this.#socket = socket;
    this.#consumed = consumed;
  }

  /** Books `count` bytes that came from the agent and sends `pieces`, whole answers that they completed. */
  send(count: number, pieces: Uint8Array[]): void {
    if (pieces.length === 0) {
      this.#unreturned += count;
      this.#returnPart();
      return;
    }
    const whole = joined(pieces);
    if (whole.length < SMALL) {
      this.#unreturned += count;
      if (this.#fresh.push(whole) === 1) queueMicrotask(() => this.#endTurn());
      return;
    }
    this.#socket.cork();
    this.flush();
    this.#unreturned += count;
    this.#put(whole);
    this.#socket.uncork();
  }

  /** Gives the socket all that waits, because it is to be ended. */
  flush(): void {
    if (this.#fresh.length > 0 || this.#waiting.length > 0) this.#put(this.#take());
  }

  #endTurn(): void {
    if (this.#underway < WRITES) this.flush();
    else for (const piece of this.#fresh.splice(0)) this.#waiting.push(piece);
  }

  #take(): Uint8Array {
    const pieces = this.#fresh.splice(0);
    if (this.#waiting.length > 0) pieces.unshift(this.#waiting.take());
    return unpinned(joined(pieces));
  }

  #put(bytes: Uint8Array): void {
    const returned = this.#unreturned;
    this.#unreturned = 0;
    this.#underway++;
    this.#socket.write(bytes, () => {
      this.#underway--;
      this.#consumed(returned);
      if (this.#underway > 0) return;
      this.flush();
      this.#returnPart();
    });
  }

  #returnPart(): void {
    if (this.#unreturned === 0 || this.#underway > 0 || this.#fresh.length > 0) return;
    this.#consumed(this.#unreturned);
    this.#unreturned = 0;
  }
}

/** Pieces as one; a single one as it is. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}
