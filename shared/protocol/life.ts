import {ProtocolError} from './frames.ts';

/** A frame to be sent, and what is to be called once it is written. */
export type LifeSender = (type: 'ask' | 'alive', number: number, written?: () => void) => void;

/**
 * One side's book-keeping for the signs of life: questions are numbered from 1, and an answer counts for all up to its
 * number. However often the peer asks, no more is kept of it than its latest question and one answer on its way out.
 */
export class Life {
  readonly #send: LifeSender;
  /** Our latest question, and the latest of ours that was answered. */
  #asked = 0;
  #answered = 0;
  /** The peer's latest question, and the latest of theirs that we answered. */
  #question = 0;
  #answer = 0;
  #answering = false;

  constructor(send: LifeSender) {
    this.#send = send;
  }

  /** Asks the peer. */
  ask(): void {
    this.#send('ask', ++this.#asked);
  }

  /** Answers a question; throws ProtocolError when it is not the next. */
  receiveAsk(number: number): void {
    if (number !== this.#question + 1)
      throw new ProtocolError(`question ${number} after question ${this.#question}`);
    this.#question = number;
    if (!this.#answering) this.#reply();
  }

  /** Books an answer; throws ProtocolError when nobody waits for it. */
  receiveAlive(number: number): void {
    if (number > this.#asked) throw new ProtocolError(`an answer to question ${number}, which was not asked`);
    if (number <= this.#answered) throw new ProtocolError(`a second answer to question ${number}`);
    this.#answered = number;
  }

  #reply(): void {
    this.#answering = true;
    this.#answer = this.#question;
    this.#send('alive', this.#answer, () => {
      this.#answering = false;
      if (this.#answer < this.#question) this.#reply();
    });
  }
}
