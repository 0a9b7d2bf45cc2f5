import type {Failure} from '../failure.ts';
import {type Frame, ProtocolError} from './frames.ts';
import {CREDIT_MAX, CREDIT_STEP, INITIAL_CREDIT, PAYLOAD_MAX} from './limits.ts';

/**
 * One side's book-keeping for one channel: what may be sent, what the peer may send, which half is
 * closed. It sends frames through `send` and knows nothing of sockets.
 */
export class Channel {
  readonly id: number;
  readonly #send: (frame: Frame) => void;
  /** Data that the window did not let through yet. */
  readonly #backlog: Uint8Array[] = [];
  #sendCredit = INITIAL_CREDIT;
  #receiveCredit = INITIAL_CREDIT;
  /** Consumed, and not given back to the peer yet. */
  #consumed = 0;
  #opened = false;
  #endQueued = false;
  #endSent = false;
  #endReceived = false;
  #resetSent = false;
  /** Why nobody takes what the peer sends any more; what we sent is to be delivered all the same. */
  #abandoned: Failure | undefined;

  constructor(id: number, send: (frame: Frame) => void) {
    this.id = id;
    this.#send = send;
  }

  /** Both halves have ended: no frame of it is due any more. */
  get closed(): boolean {
    return this.#endSent && this.#endReceived;
  }

  /** Our side has given it up: nothing more is told of it. */
  get resetting(): boolean {
    return this.#resetSent;
  }

  /** Only what was sent before is still of use: the owner wants to hear of its end alone. */
  get abandoned(): boolean {
    return this.#abandoned !== undefined;
  }

  /** Data waits for credit: the source should pause. */
  get blocked(): boolean {
    return this.#backlog.length > 0;
  }

  /** Tells the relay which target answered; too late once we have ended or said so. */
  opened(target: number, elapsed: number, detail: string): void {
    if (this.#opened || this.#endQueued) return;
    this.#opened = true;
    this.#send({type: 'opened', channel: this.id, target, elapsed, detail});
  }

  /** Tells the relay that no target answered; a plain reset once we have ended or one had answered. */
  failed(failure: Failure): void {
    this.#drop(this.#opened || this.#endQueued ? 'reset' : 'failed', failure);
  }

  /** Sends as much as the credit allows and keeps the rest in order. The bytes must not change afterwards. */
  data(bytes: Uint8Array): void {
    if (this.#resetSent || this.#endQueued || bytes.length === 0) return;
    this.#backlog.push(bytes);
    this.#flush();
  }

  /** Half-closes our direction once everything queued before it is sent. */
  end(): void {
    if (this.#resetSent || this.#endQueued) return;
    this.#endQueued = true;
    this.#flush();
  }

  /** Tells that `count` received bytes were delivered, so the peer may send as many again. */
  consumed(count: number): void {
    this.#consumed += count;
    if (this.#consumed < CREDIT_STEP || this.#endReceived || this.#resetSent) return;
    this.#receiveCredit += this.#consumed;
    this.#send({type: 'credit', channel: this.id, amount: this.#consumed});
    this.#consumed = 0;
  }

  /** Drops both directions; the channel ends when the peer has answered. */
  reset(failure: Failure): void {
    this.#drop('reset', failure);
  }

  /** Sends what waits and the end, and only then drops the other direction. */
  abandon(failure: Failure): void {
    if (this.#resetSent) return;
    this.#abandoned = failure;
    this.#endQueued = true;
    this.#flush();
  }

  #drop(type: 'failed' | 'reset', failure: Failure): void {
    if (this.#resetSent) return;
    this.#resetSent = true;
    this.#backlog.length = 0;
    // once both have ended the peer has forgotten the channel, and would take it for a question
    if (!this.closed) this.#send({type, channel: this.id, failure});
  }

  /** Books the word that a target answered; throws ProtocolError when that was said before, or after an end. */
  receiveOpened(): void {
    if (this.#opened) throw new ProtocolError(`a second opened on channel ${this.id}`);
    if (this.#endReceived) throw new ProtocolError(`opened after end on channel ${this.id}`);
    this.#opened = true;
  }

  /** Books the word that no target answered; throws ProtocolError when one had, or after an end. */
  receiveFailed(): void {
    if (this.#endReceived) throw new ProtocolError(`failed after end on channel ${this.id}`);
    if (this.#opened) throw new ProtocolError(`failed after opened on channel ${this.id}`);
  }

  /** Books data from the peer; throws ProtocolError when it had no credit or had ended. */
  receiveData(count: number): void {
    if (this.#endReceived) throw new ProtocolError(`data after end on channel ${this.id}`);
    this.#receiveCredit -= count;
    if (this.#receiveCredit < 0) throw new ProtocolError(`data beyond the credit of channel ${this.id}`);
  }

  /** Books the peer's end; throws ProtocolError for a second one. */
  receiveEnd(): void {
    if (this.#endReceived) throw new ProtocolError(`a second end on channel ${this.id}`);
    this.#endReceived = true;
  }

  /** Books credit and sends what waited for it. Returns true when the backlog has become empty. */
  receiveCredit(amount: number): boolean {
    this.#sendCredit += amount;
    if (this.#sendCredit > CREDIT_MAX)
      throw new ProtocolError(`credit beyond all bounds on channel ${this.id}`);
    if (this.#resetSent || !this.blocked) return false;
    this.#flush();
    return !this.blocked;
  }

  #flush(): void {
    while (this.#sendCredit > 0) {
      const first = this.#backlog[0];
      if (first === undefined) break;
      const count = Math.min(first.length, this.#sendCredit, PAYLOAD_MAX);
      if (count === first.length) this.#backlog.shift();
      else this.#backlog[0] = first.subarray(count);
      this.#sendCredit -= count;
      this.#send({type: 'data', channel: this.id, bytes: first.subarray(0, count)});
    }
    if (this.#endQueued && !this.#endSent && !this.blocked) {
      this.#endSent = true;
      this.#send({type: 'end', channel: this.id});
    }
    if (this.#abandoned !== undefined && this.#endSent && !this.#endReceived)
      this.#drop('reset', this.#abandoned);
  }
}
