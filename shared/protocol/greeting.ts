import {oneLine, oneLineOfBytes} from '../text.ts';
import {ProtocolError} from './frames.ts';

/**
 * What both sides send before anything else. The first byte is no text, and CR LF and Ctrl-Z stand in
 * it so that a channel that translates text damages the magic itself (the PNG signature's trick).
 */
export const MAGIC = Uint8Array.of(0x89, 0x57, 0x53, 0x4c, 0x41, 0x0d, 0x0a, 0x1a);

/** The number of the relay protocol: raised by every change of docs/protocol.md. */
export const PROTOCOL_VERSION = 2;

/** The longest product version, in bytes. */
const VERSION_MAX = 64;

/** How much of a peer's stray output is kept to be shown, in bytes. */
const STRAY_MAX = 256;

const FIXED = MAGIC.length + 2;

/** Relay and helper are of different versions. */
export class VersionMismatch extends ProtocolError {
  readonly theirs: string;
  constructor(theirs: string, ours: string) {
    super(`version "${oneLine(theirs)}" does not match "${ours}"`);
    this.name = 'VersionMismatch';
    this.theirs = theirs;
  }
}

/** The greeting of this version, as bytes. */
export function encodeGreeting(version: string): Uint8Array {
  const text = new TextEncoder().encode(version);
  if (text.length > VERSION_MAX) throw new RangeError(`version "${version}" is too long`);
  const bytes = new Uint8Array(FIXED + text.length);
  bytes.set(MAGIC);
  bytes[MAGIC.length] = PROTOCOL_VERSION;
  bytes[MAGIC.length + 1] = text.length;
  bytes.set(text, FIXED);
  return bytes;
}

/** Reads the peer's greeting, however it is cut, and checks it against our version. */
export class GreetingDecoder {
  readonly #ours: string;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(ours: string) {
    this.#ours = ours;
  }

  /**
   * Takes the next bytes. Returns what follows the greeting once it is complete, undefined before.
   * Throws ProtocolError that shows stray output, and VersionMismatch.
   */
  push(chunk: Uint8Array): Uint8Array | undefined {
    const bytes = new Uint8Array(this.#bytes.length + chunk.length);
    bytes.set(this.#bytes);
    bytes.set(chunk, this.#bytes.length);
    this.#bytes = bytes;
    const wrong = MAGIC.findIndex((byte, index) => index < bytes.length && bytes[index] !== byte);
    if (wrong >= 0) throw strayOutput(bytes);
    const length = bytes[FIXED - 1];
    if (length === undefined) return undefined;
    const number = bytes[MAGIC.length];
    if (number !== PROTOCOL_VERSION)
      throw new ProtocolError(`relay protocol ${number} does not match ${PROTOCOL_VERSION}`);
    if (length > VERSION_MAX) throw new ProtocolError(`a version of ${length} bytes`);
    if (bytes.length < FIXED + length) return undefined;
    const theirs = new TextDecoder().decode(bytes.subarray(FIXED, FIXED + length));
    if (theirs !== this.#ours) throw new VersionMismatch(theirs, this.#ours);
    return bytes.subarray(FIXED + length);
  }

  /** What came so far of a greeting that is not complete, as one safe line. */
  get stray(): string {
    return oneLineOfBytes(this.#bytes, STRAY_MAX);
  }
}

function strayOutput(bytes: Uint8Array): ProtocolError {
  return new ProtocolError(`stray output instead of a greeting: ${oneLineOfBytes(bytes, STRAY_MAX)}`);
}
