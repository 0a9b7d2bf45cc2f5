import {Duplex} from 'node:stream';

/** How a call on a socket went: how many bytes, or Winsock's number for what went wrong; `wait`: not now. */
export type SocketResult = number | 'wait' | {error: number};

/** Calls on a connected socket, none of which waits. */
export type SocketCalls = {
  /** Takes what has come; 0 is the other side's end. */
  receive(into: Uint8Array): SocketResult;
  /** Sends a part, or all. */
  send(bytes: Uint8Array): SocketResult;
  /** Tells the other side that no more will be sent. */
  endSending(): SocketResult;
  /**
   * Calls `ready` once, when one of these may be worth another try, or when waiting itself has failed. A new wait takes
   * the place of the last.
   */
  wait(what: {readable: boolean; writable: boolean}, ready: (failed: boolean) => void): void;
  /** Drops the socket and any wait. */
  close(): void;
};

/** How much is read or sent by one call, in bytes: others get their turn in between. */
const PIECE_BYTES = 64 * 1024;

/** Calls are not interrupted, so one place to read into serves all streams. */
const scratch = new Uint8Array(PIECE_BYTES);

/** Node's words for Winsock's errors of a connection that is lost. */
const CODES = new Map([
  [10_053, 'ECONNABORTED'],
  [10_054, 'ECONNRESET'],
  [10_058, 'EPIPE'],
]);

/**
 * A Winsock socket as a stream, whatever its address family. Holds no more than the stream's own buffers: it is read
 * only when somebody reads, and a write is done when the socket has taken it. `end` ends one direction.
 */
export class SocketStream extends Duplex {
  readonly #calls: SocketCalls;
  #reading = false;
  #unsent: {bytes: Uint8Array; done: (error?: Error | null) => void} | undefined;

  constructor(calls: SocketCalls) {
    super({allowHalfOpen: true, decodeStrings: true});
    this.#calls = calls;
  }

  override _read(): void {
    if (this.#reading) return;
    this.#reading = true;
    // Not at once: a reader that is as fast as its writer would never let anybody else go on.
    setImmediate(() => this.#receive());
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#unsent = {bytes, done};
    this.#send();
  }

  override _final(done: (error?: Error | null) => void): void {
    const result = this.#calls.endSending();
    done(typeof result === 'object' ? failure('shutdown', result.error) : null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#calls.close();
    const unsent = this.#unsent;
    this.#unsent = undefined;
    unsent?.done(error ?? Object.assign(new Error('write ECANCELED'), {code: 'ECANCELED', syscall: 'write'}));
    done(error);
  }

  #receive(): void {
    if (!this.#reading || this.destroyed) return;
    const result = this.#calls.receive(scratch);
    if (result === 'wait') {
      this.#wait();
      return;
    }
    this.#reading = false;
    if (typeof result === 'object') this.destroy(failure('read', result.error));
    else this.push(result === 0 ? null : Buffer.from(scratch.subarray(0, result)));
  }

  #send(): void {
    while (this.#unsent !== undefined) {
      const {bytes, done} = this.#unsent;
      const result = bytes.length === 0 ? 0 : this.#calls.send(bytes.subarray(0, PIECE_BYTES));
      if (result === 'wait') {
        this.#wait();
        return;
      }
      const left = typeof result === 'number' ? bytes.subarray(result) : bytes;
      const over = typeof result === 'object' || left.length === 0;
      this.#unsent = over ? undefined : {bytes: left, done};
      if (over) done(typeof result === 'object' ? failure('write', result.error) : null);
    }
  }

  #wait(): void {
    this.#calls.wait({readable: this.#reading, writable: this.#unsent !== undefined}, failed => {
      if (failed) this.destroy(failure('poll', 0));
      this.#receive();
      if (!this.destroyed) this.#send();
    });
  }
}

/** As Node reports it of its own sockets. */
function failure(syscall: 'read' | 'write' | 'shutdown' | 'poll', error: number): NodeJS.ErrnoException {
  const code = CODES.get(error) ?? 'EIO';
  return Object.assign(new Error(`${syscall} ${code}: winsock error ${error}`), {code, syscall});
}
