import {checkedLength} from './length.ts';
import {LENGTH_BYTES} from './messages.ts';

/** Counts the whole ssh-agent messages of a byte stream that goes its way, and keeps none of it. */
export class MessageCounter {
  #count = 0;
  /** As much of a length field as has come. */
  #length = 0;
  #lengthFill = 0;
  /** How much of the message that has begun is still to come, in bytes. */
  #missing = 0;

  /** How many were whole so far. */
  get count(): number {
    return this.#count;
  }

  /** Takes the next bytes. Throws AgentMessageError; what stood before the wrong length is counted. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#missing === 0) {
        this.#length = this.#length * 256 + (chunk[at++] ?? 0);
        if (++this.#lengthFill === LENGTH_BYTES) this.#begin();
        continue;
      }
      const taken = Math.min(this.#missing, chunk.length - at);
      at += taken;
      this.#missing -= taken;
      if (this.#missing === 0) this.#count++;
    }
  }

  #begin(): void {
    this.#missing = checkedLength(this.#length);
    this.#length = 0;
    this.#lengthFill = 0;
  }
}
