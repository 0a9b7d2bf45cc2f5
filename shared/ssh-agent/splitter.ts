import {LENGTH_BYTES, MESSAGE_MAX} from './messages.ts';

/** A length field that no agent message can have. */
export class AgentMessageError extends Error {
  constructor(length: number) {
    super(`an agent message cannot be ${length} bytes long`);
    this.name = 'AgentMessageError';
  }
}

/**
 * Cuts a byte stream into whole ssh-agent messages, length field included.
 * Memory is taken only after the length was checked against MESSAGE_MAX.
 */
export class MessageSplitter {
  #header = new Uint8Array(LENGTH_BYTES);
  #headerFill = 0;
  #frame: Uint8Array | undefined;
  #frameFill = 0;

  /** Whether a message has begun and is not complete. */
  get midMessage(): boolean {
    return this.#headerFill > 0;
  }

  /** A copy of what has come of a message that is not complete. */
  get begun(): Uint8Array {
    return this.#frame?.slice(0, this.#frameFill) ?? this.#header.slice(0, this.#headerFill);
  }

  /** Takes the next bytes; returns the messages that they complete, each in memory of its own. */
  push(chunk: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#frame === undefined ? this.#fillHeader(rest) : this.#fillFrame(this.#frame, rest);
      if (this.#frame !== undefined && this.#frameFill === this.#frame.length) {
        messages.push(this.#frame);
        this.#frame = undefined;
        this.#headerFill = 0;
      }
    }
    return messages;
  }

  #fillHeader(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, LENGTH_BYTES - this.#headerFill);
    this.#header.set(part, this.#headerFill);
    this.#headerFill += part.length;
    if (this.#headerFill === LENGTH_BYTES) {
      const length = new DataView(this.#header.buffer).getUint32(0);
      if (length === 0 || length > MESSAGE_MAX) throw new AgentMessageError(length);
      this.#frame = new Uint8Array(LENGTH_BYTES + length);
      this.#frame.set(this.#header);
      this.#frameFill = LENGTH_BYTES;
    }
    return bytes.subarray(part.length);
  }

  #fillFrame(frame: Uint8Array, bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, frame.length - this.#frameFill);
    frame.set(part, this.#frameFill);
    this.#frameFill += part.length;
    return bytes.subarray(part.length);
  }
}
