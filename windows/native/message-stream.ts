import {Duplex} from 'node:stream';

/** Calls on an open pipe whose messages keep their borders; at most one read and one write at a time. */
export type PipeCalls = {
  /** One message or a part of one; `error` is Windows' number, 0 for none. */
  read(done: (error: number, bytes: Uint8Array) => void): void;
  /** Sends the first `count` bytes as one message: all, or as many as go at a time; none is an empty message. */
  write(bytes: Uint8Array, done: (error: number, count: number) => void): void;
  /** Ends what is under way, whose `done` is not called any more, and closes. */
  close(done: () => void): void;
};

/** ERROR_BROKEN_PIPE, ERROR_NO_DATA and ERROR_PIPE_NOT_CONNECTED: the server is gone. */
const GONE = new Set([109, 232, 233]);

/**
 * A message-mode pipe as a stream of bytes, in the way of go-winio and so of docker: an empty message is the
 * sender's end, and the other direction stays open. Borders mean nothing else.
 */
export class MessageStream extends Duplex {
  readonly #calls: PipeCalls;
  #reading = false;
  /** The server has sent its empty message: what is still read only shows when it closes. */
  #ended = false;
  #gone = false;
  /** A write that failed because the server is gone; what the server had said before is delivered first. */
  #failed: {error: Error; done: (error: Error) => void} | undefined;

  constructor(calls: PipeCalls) {
    super({allowHalfOpen: true, decodeStrings: true});
    this.#calls = calls;
  }

  override _read(): void {
    if (!this.#ended) this.#next();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // an empty message would be our end
    if (chunk.length === 0) {
      done();
      return;
    }
    this.#calls.write(chunk, (error, count) => {
      if (error !== 0) this.#writeFailed(error, done);
      else if (count < chunk.length) this._write(chunk.subarray(count), _encoding, done);
      else done();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#gone) done();
    else
      this.#calls.write(new Uint8Array(0), error => {
        if (error !== 0 && !GONE.has(error)) done(failure('write', error));
        else done();
      });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#calls.close(() => done(error));
    this.#failed?.done(this.#failed.error);
  }

  #next(): void {
    if (this.#reading || this.#gone || this.destroyed) return;
    this.#reading = true;
    this.#calls.read((error, bytes) => {
      this.#reading = false;
      if (GONE.has(error)) this.#serverGone();
      else if (error !== 0) this.destroy(failure('read', error));
      else if (this.#ended) this.#next();
      else if (bytes.length > 0) this.push(bytes);
      else {
        this.#ended = true;
        this.push(null);
        this.#next();
      }
    });
  }

  #serverGone(): void {
    this.#gone = true;
    if (!this.#ended) this.push(null);
    this.#ended = true;
    const over = (): void => void this.destroy(this.#failed?.error);
    if (this.readableEnded) over();
    else this.once('end', over);
  }

  #writeFailed(error: number, done: (error: Error) => void): void {
    if (!GONE.has(error)) {
      done(failure('write', error));
      return;
    }
    this.#failed = {error: failure('write', error), done};
    // the read shows it, too, after what is left to read
    this.#next();
  }
}

/** As Node reports it of its own streams. */
function failure(syscall: 'read' | 'write', error: number): NodeJS.ErrnoException {
  const code = GONE.has(error) ? 'EPIPE' : 'EIO';
  return Object.assign(new Error(`${syscall} ${code}: windows error ${error}`), {code, syscall});
}
