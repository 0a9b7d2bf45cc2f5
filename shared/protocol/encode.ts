import {PROTOCOL_CODES} from '../endpoint.ts';
import {FAILURE_CODES, type Failure} from '../failure.ts';
import {FRAME_TYPES, type Frame} from './frames.ts';
import {HEADER_BYTES, PAYLOAD_MAX} from './limits.ts';

const TEXT = new TextEncoder();

/** Texts in FAILED and RESET are cut to this many bytes each. */
const SENTENCE_MAX = 4096;

/**
 * A frame as the pieces that go on the wire, in order. DATA's payload is the caller's own memory,
 * not a copy: it must not change until it is written.
 */
export function encodeFrame(frame: Frame): Uint8Array[] {
  const payload = encodePayload(frame);
  if (payload.length > PAYLOAD_MAX)
    throw new RangeError(`a ${frame.type} payload of ${payload.length} bytes`);
  if (frame.type === 'data') return [header(frame, payload.length), payload];
  const whole = new Uint8Array(HEADER_BYTES + payload.length);
  whole.set(header(frame, payload.length));
  whole.set(payload, HEADER_BYTES);
  return [whole];
}

function header(frame: Frame, length: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, frame.channel);
  view.setUint32(4, (FRAME_TYPES[frame.type] << 24) | length);
  return bytes;
}

function encodePayload(frame: Frame): Uint8Array {
  switch (frame.type) {
    case 'open':
      return encodeOpen(frame.protocol, frame.targets);
    case 'opened': {
      const detail = TEXT.encode(frame.detail).subarray(0, SENTENCE_MAX);
      const bytes = new Uint8Array(5 + detail.length);
      bytes[0] = frame.target;
      new DataView(bytes.buffer).setUint32(1, Math.min(frame.elapsed, 0xffff_ffff));
      bytes.set(detail, 5);
      return bytes;
    }
    case 'data':
      return frame.bytes;
    case 'credit':
      return uint32(frame.amount);
    case 'ask':
    case 'alive':
      return uint32(frame.number);
    case 'end':
      return new Uint8Array(0);
    case 'failed':
    case 'reset':
      return encodeFailure(frame.failure);
  }
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function encodeOpen(protocol: keyof typeof PROTOCOL_CODES, targets: string[]): Uint8Array {
  const texts = targets.map(target => TEXT.encode(target));
  const bytes = new Uint8Array(2 + texts.reduce((sum, text) => sum + 2 + text.length, 0));
  bytes[0] = PROTOCOL_CODES[protocol];
  bytes[1] = texts.length;
  let at = 2;
  for (const text of texts) at = putText(bytes, at, text);
  return bytes;
}

function encodeFailure(failure: Failure): Uint8Array {
  const message = TEXT.encode(failure.message).subarray(0, SENTENCE_MAX);
  const hint = TEXT.encode(failure.hint ?? '').subarray(0, SENTENCE_MAX);
  const bytes = new Uint8Array(1 + 2 + message.length + 2 + hint.length);
  bytes[0] = FAILURE_CODES[failure.reason];
  putText(bytes, putText(bytes, 1, message), hint);
  return bytes;
}

/** Writes a 16-bit length and the text; returns the offset behind it. */
function putText(bytes: Uint8Array, at: number, text: Uint8Array): number {
  new DataView(bytes.buffer).setUint16(at, text.length);
  bytes.set(text, at + 2);
  return at + 2 + text.length;
}
