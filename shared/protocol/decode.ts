import {type EndpointProtocol, PROTOCOL_CODES} from '../endpoint.ts';
import {type Failure, failureReason} from '../failure.ts';
import {TARGET_MAX_LENGTH, TARGETS_MAX} from '../target.ts';
import {FRAME_TYPES, type Frame, NO_CHANNEL, ProtocolError} from './frames.ts';
import {CREDIT_MAX, HEADER_BYTES, PAYLOAD_MAX} from './limits.ts';

const TEXT = new TextDecoder();
const TYPE_NAMES = new Map<number, Frame['type']>(
  Object.entries(FRAME_TYPES).map(([name, code]) => [code, name as Frame['type']]),
);
const PROTOCOL_NAMES = new Map<number, EndpointProtocol>(
  Object.entries(PROTOCOL_CODES).map(([name, code]) => [code, name as EndpointProtocol]),
);

type Header = {type: Frame['type']; channel: number; length: number};

/** Of a frame that is only of use as a whole. */
type WholeHeader = {type: Exclude<Frame['type'], 'data'>; channel: number};

/**
 * Turns bytes, however they are cut, into frames. Holds at most one frame, whose length was checked before memory was
 * taken for it, and nothing of a DATA frame: that is given on in the pieces in which it comes. Throws ProtocolError; it
 * is of no use afterwards.
 */
export class FrameDecoder {
  #head = new Uint8Array(HEADER_BYTES);
  #headFill = 0;
  #header: Header | undefined;
  #payload: Uint8Array | undefined;
  #payloadFill = 0;

  /** Whether a frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#headFill > 0;
  }

  /** Takes the next bytes; yields the frames they complete, and parts of DATA, which share memory with `chunk`. */
  *push(chunk: Uint8Array): Generator<Frame> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#header === undefined) {
        const take = Math.min(HEADER_BYTES - this.#headFill, chunk.length - at);
        this.#head.set(chunk.subarray(at, at + take), this.#headFill);
        this.#headFill += take;
        at += take;
        if (this.#headFill < HEADER_BYTES) return;
        this.#header = decodeHeader(this.#head);
      }
      const {type, channel, length} = this.#header;
      if (type === 'data') {
        const bytes = chunk.subarray(at, at + length - this.#payloadFill);
        if (bytes.length === 0) return;
        at += bytes.length;
        this.#payloadFill += bytes.length;
        if (this.#payloadFill === length) this.#reset();
        yield {type, channel, bytes};
        continue;
      }
      if (this.#payload === undefined && chunk.length - at >= length) {
        const payload = chunk.subarray(at, at + length);
        at += length;
        yield this.#finish({type, channel}, payload);
        continue;
      }
      this.#payload ??= new Uint8Array(length);
      const take = Math.min(length - this.#payloadFill, chunk.length - at);
      this.#payload.set(chunk.subarray(at, at + take), this.#payloadFill);
      this.#payloadFill += take;
      at += take;
      if (this.#payloadFill === length) yield this.#finish({type, channel}, this.#payload);
    }
  }

  #finish(header: WholeHeader, payload: Uint8Array): Frame {
    this.#reset();
    return decodePayload(header, payload);
  }

  #reset(): void {
    this.#header = undefined;
    this.#headFill = 0;
    this.#payload = undefined;
    this.#payloadFill = 0;
  }
}

function decodeHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const channel = view.getUint32(0);
  const code = view.getUint8(4);
  const length = view.getUint32(4) & 0xff_ffff;
  const type = TYPE_NAMES.get(code);
  if (type === undefined) throw new ProtocolError('an unknown frame type');
  if ((channel === NO_CHANNEL) !== (type === 'ask' || type === 'alive'))
    throw new ProtocolError(`a ${type} frame for channel ${channel}`);
  if (length > PAYLOAD_MAX) throw new ProtocolError(`a ${type} frame of more than ${PAYLOAD_MAX} bytes`);
  if (type === 'end' && length !== 0) throw new ProtocolError('an end frame with a payload');
  if (type === 'data' && length === 0) throw new ProtocolError('a data frame without data');
  return {type, channel, length};
}

function decodePayload({type, channel}: WholeHeader, payload: Uint8Array): Frame {
  switch (type) {
    case 'end':
      return {type, channel};
    case 'credit': {
      const reader = new Reader(type, payload);
      const amount = reader.uint32();
      reader.finish();
      if (amount === 0 || amount > CREDIT_MAX)
        throw new ProtocolError('a credit of nothing, or beyond all bounds');
      return {type, channel, amount};
    }
    case 'open':
      return decodeOpen(channel, new Reader(type, payload));
    case 'opened': {
      const reader = new Reader(type, payload);
      return {type, channel, target: reader.uint8(), elapsed: reader.uint32(), detail: reader.rest()};
    }
    case 'failed':
    case 'reset':
      return {type, channel, failure: decodeFailure(new Reader(type, payload))};
    case 'ask':
    case 'alive': {
      const reader = new Reader(type, payload);
      const number = reader.uint32();
      reader.finish();
      return {type, channel: NO_CHANNEL, number};
    }
  }
}

function decodeOpen(channel: number, reader: Reader): Frame {
  const code = reader.uint8();
  const protocol = PROTOCOL_NAMES.get(code);
  if (protocol === undefined) throw new ProtocolError(`an open frame with unknown protocol ${code}`);
  const count = reader.uint8();
  if (count === 0 || count > TARGETS_MAX) throw new ProtocolError(`an open frame with ${count} targets`);
  const targets: string[] = [];
  for (let index = 0; index < count; index++) {
    const target = reader.text();
    if (target.length > TARGET_MAX_LENGTH) throw new ProtocolError('an open frame with an overlong target');
    targets.push(target);
  }
  reader.finish();
  return {type: 'open', channel, protocol, targets};
}

function decodeFailure(reader: Reader): Failure {
  const code = reader.uint8();
  const reason = failureReason(code);
  if (reason === undefined) throw new ProtocolError(`unknown failure reason ${code}`);
  const message = reader.text();
  const hint = reader.text();
  reader.finish();
  return hint === '' ? {reason, message} : {reason, message, hint};
}

/** Reads fields from a payload; running past its end is the peer's error. */
class Reader {
  readonly #type: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(type: string, bytes: Uint8Array) {
    this.#type = type;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  text(): string {
    const length = this.uint16();
    const start = this.#advance(length);
    return TEXT.decode(this.#bytes.subarray(start, start + length));
  }

  rest(): string {
    const start = this.#at;
    this.#at = this.#bytes.length;
    return TEXT.decode(this.#bytes.subarray(start));
  }

  finish(): void {
    if (this.#at !== this.#bytes.length) throw new ProtocolError(`a ${this.#type} frame with bytes too many`);
  }

  #advance(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length)
      throw new ProtocolError(`a ${this.#type} frame that is cut short`);
    this.#at = start + count;
    return start;
  }
}
