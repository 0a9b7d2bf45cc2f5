import type {Readable} from 'node:stream';
import {oneLine} from '../../shared/text.ts';

/** A line longer than this is cut, in bytes. */
const LINE_BYTES = 2048;

/** This many lines are passed on in each WINDOW, the rest is counted. */
const LINES_PER_WINDOW = 100;
const WINDOW = 10_000;

const NEWLINE = 0x0a;

/** Reads lines of text from a stream that nobody vouches for: length, rate and control characters are bounded. */
export class LogLines {
  readonly #say: (line: string) => void;
  #line: Uint8Array[] = [];
  #length = 0;
  #count = 0;
  #windowStart = Number.NEGATIVE_INFINITY;
  #leftOut = 0;
  /** The last lines, for a failure's message. */
  readonly #tail: string[] = [];

  constructor(stream: Readable, say: (line: string) => void) {
    this.#say = say;
    stream.on('data', (bytes: Uint8Array) => this.#push(bytes));
    stream.on('end', () => this.#finish());
    stream.on('close', () => this.#finish());
  }

  /** The last lines that came, an unfinished one included, as one. */
  get tail(): string {
    const open = oneLine(Buffer.concat(this.#line).toString());
    return oneLine([...this.#tail, open].filter(line => line !== '').join(' / '));
  }

  #push(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const newline = rest.indexOf(NEWLINE);
      const part = newline < 0 ? rest : rest.subarray(0, newline);
      const kept = part.slice(0, Math.max(0, LINE_BYTES - this.#length));
      if (kept.length > 0) this.#line.push(kept);
      this.#length += kept.length;
      if (newline < 0) return;
      this.#endLine();
      rest = rest.subarray(newline + 1);
    }
  }

  #endLine(): void {
    const line = oneLine(Buffer.concat(this.#line).toString());
    this.#line = [];
    this.#length = 0;
    if (line === '') return;
    if (this.#tail.push(line) > 3) this.#tail.shift();
    const now = performance.now();
    if (now - this.#windowStart > WINDOW) {
      this.#tellLeftOut();
      this.#windowStart = now;
      this.#count = 0;
    }
    if (++this.#count <= LINES_PER_WINDOW) this.#say(line);
    else this.#leftOut++;
  }

  #tellLeftOut(): void {
    if (this.#leftOut > 0) this.#say(`${this.#leftOut} more lines were left out`);
    this.#leftOut = 0;
  }

  #finish(): void {
    if (this.#length > 0) this.#endLine();
    this.#tellLeftOut();
  }
}
