import {ByteQueue} from '../bytes.ts';
import {checkedLength, lengthFault} from './length.ts';
import {LENGTH_BYTES} from './messages.ts';

/**
 * A byte stream of ssh-agent messages that are cut one at a time, when they are due: messages that wait are bytes, which a
 * thousand of five bytes each are cheapest as.
 */
export class MessageQueue {
  readonly #bytes = new ByteQueue();

  /** How many bytes wait. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Whether `next` has something to say: a whole message, or that there can be none. */
  get ready(): boolean {
    const length = this.#bytes.peekUint32();
    return (
      length !== undefined && (lengthFault(length) !== undefined || this.length >= LENGTH_BYTES + length)
    );
  }

  /** All that waits, as a copy. */
  get begun(): Uint8Array {
    return this.#bytes.peek().slice();
  }

  push(piece: Uint8Array): void {
    this.#bytes.push(piece);
  }

  /** Takes the next message, length field included; undefined when it is not whole. Throws AgentMessageError. */
  next(): Uint8Array | undefined {
    const length = this.#bytes.peekUint32();
    if (length === undefined) return undefined;
    const whole = LENGTH_BYTES + checkedLength(length);
    return this.length < whole ? undefined : this.#bytes.take(whole);
  }

  clear(): void {
    this.#bytes.clear();
  }
}
