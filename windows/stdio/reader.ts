import fs from 'node:fs';
import net from 'node:net';
import {blocked} from './blocked.ts';

/** What a reader tells, in order: chunks, then `end` or `failed`, once. A chunk's memory is never used again. */
export type ReaderEvents = {
  data(chunk: Uint8Array): void;
  end(): void;
  failed(error: NodeJS.ErrnoException): void;
};

export type Reader = {pause(): void; resume(): void};

/** Several frames: for each read a thread wakes another, which takes longer than the copying. */
const CHUNK_BYTES = 256 * 1024;

/** How a vanished writer is reported besides a read of 0 bytes: the other end of stdin is gone, no more. */
const END_CODES = new Set(['EOF', 'EPIPE', 'ECONNRESET']);

/** Waits between attempts on a descriptor that somebody else made non-blocking, in milliseconds. */
const AGAIN_FIRST_MS = 1;
const AGAIN_MAX_MS = 32;

/**
 * Reads a descriptor from now on, to its end. Pipes and sockets of POSIX are polled by the event loop:
 * a blocked fs.read would hold up process.exit, which joins its thread. Windows has only fs.read
 * (`leave` has the other way out there); files are read with it everywhere.
 */
export function readDescriptor(fd: number, events: ReaderEvents): Reader {
  return process.platform !== 'win32' && isPollable(fd) ? readSocket(fd, events) : new FileReader(fd, events);
}

function isPollable(fd: number): boolean {
  const stat = fs.fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

function readSocket(fd: number, events: ReaderEvents): Reader {
  const socket = new net.Socket({fd, readable: true, writable: false, allowHalfOpen: true});
  socket.on('data', chunk => events.data(chunk));
  socket.once('end', () => events.end());
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (END_CODES.has(error.code ?? '')) events.end();
    else events.failed(error);
  });
  return {pause: () => socket.pause(), resume: () => socket.resume()};
}

class FileReader implements Reader {
  readonly #fd: number;
  readonly #events: ReaderEvents;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #paused = false;
  #reading = false;
  #over = false;
  #again = AGAIN_FIRST_MS;
  /** A read that was under way when the reader was paused. */
  #kept: Uint8Array | undefined;

  constructor(fd: number, events: ReaderEvents) {
    this.#fd = fd;
    this.#events = events;
    this.#next();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept !== undefined) this.#events.data(kept);
    this.#next();
  }

  #next(): void {
    if (this.#paused || this.#reading || this.#over) return;
    this.#reading = true;
    blocked.calls++;
    fs.read(this.#fd, this.#buffer, 0, CHUNK_BYTES, null, (error, count) => {
      blocked.calls--;
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#done(), this.#again);
        this.#again = Math.min(this.#again * 2, AGAIN_MAX_MS);
      } else if (error && !END_CODES.has(error.code ?? '')) {
        this.#over = true;
        this.#events.failed(error);
      } else if (error || count === 0) {
        this.#over = true;
        this.#events.end();
      } else {
        this.#again = AGAIN_FIRST_MS;
        this.#deliver(this.#take(count));
        this.#done();
      }
    });
  }

  #done(): void {
    this.#reading = false;
    this.#next();
  }

  #deliver(chunk: Uint8Array): void {
    if (this.#paused) this.#kept = chunk;
    else this.#events.data(chunk);
  }

  /** Copied, so that a few waiting bytes do not hold the memory of a whole read. */
  #take(count: number): Uint8Array {
    const chunk = Buffer.allocUnsafeSlow(count);
    this.#buffer.copy(chunk, 0, 0, count);
    return chunk;
  }
}
