import {MessageQueue} from './message-queue.ts';

/**
 * Cuts a byte stream into whole ssh-agent messages, length field included. Holds as many bytes as have come of a message,
 * whatever its length field says.
 */
export class MessageSplitter {
  readonly #queue = new MessageQueue();

  /** Whether a message has begun and is not complete. */
  get midMessage(): boolean {
    return this.#queue.length > 0;
  }

  /** Takes the next bytes; returns the messages that they complete, each in memory of its own. Throws AgentMessageError. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#queue.push(chunk);
    const messages: Uint8Array[] = [];
    for (let message = this.#queue.next(); message !== undefined; message = this.#queue.next())
      messages.push(message);
    return messages;
  }
}
