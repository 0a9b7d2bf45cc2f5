import {FrameDecoder} from '../../../../shared/protocol/decode.ts';
import {FRAME_TYPES, type Frame, ProtocolError} from '../../../../shared/protocol/frames.ts';
import {HEADER_BYTES, PAYLOAD_MAX} from '../../../../shared/protocol/limits.ts';
import {encoded, frames, isOfChannel, withoutChannel} from '../frames.ts';
import {kindOf, promise, refusal, type Subject} from '../subject.ts';

const NOTHING = new Uint8Array(0);

/** Cut as it may be, a stream is the same frames, or refused with the same words; what was decoded can be said again. */
export const frameDecoder: Subject = {
  name: 'frames',
  make: random =>
    Buffer.concat([
      random.once(20) ? withoutChannel(random) : NOTHING,
      encoded(frames(random, random.pick(['relay', 'helper']))),
    ]),
  feed(input, random) {
    const whole = decode([input]);
    const pieces = decode(random.cut(input));
    promise(whole.refused === pieces.refused, `whole "${whole.refused}", in pieces "${pieces.refused}"`);
    promise(whole.text === pieces.text, `whole ${whole.text}, in pieces ${pieces.text}`);
    promise(whole.midFrame === pieces.midFrame || whole.refused !== '', 'the end is inside a frame, or not');
    promise(whole.refused !== '' || !hasBadHeader(input), 'a header that docs/protocol.md forbids was taken');
    const said = whole.frames.filter(({type, channel}) => type === 'end' && channel > 0);
    promise(decode([encoded(said)]).frames.length === said.length, 'what was decoded cannot be said again');
    return {
      units: whole.frames.length + 1,
      word: `${whole.types} ${kindOf(whole.refused)} ${whole.midFrame}`,
    };
  },
};

/** Walks from header to header, as the page has them. */
function hasBadHeader(input: Uint8Array): boolean {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const codes: readonly number[] = Object.values(FRAME_TYPES);
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUIntBE(at + 5, 3);
    if (length > PAYLOAD_MAX || !codes.includes(bytes[at + 4] ?? 0)) return true;
    at += HEADER_BYTES + length;
  }
  return false;
}

function decode(pieces: readonly Uint8Array[]) {
  const decoder = new FrameDecoder();
  const all: Frame[] = [];
  const refused = refusal(() => {
    for (const piece of pieces) for (const frame of decoder.push(piece)) all.push(checked(frame));
  }, ProtocolError);
  const types = new Set(all.map(({type}) => type));
  return {frames: all, refused, text: textOf(all), midFrame: decoder.midFrame, types: [...types].join()};
}

function checked(frame: Frame): Frame {
  promise(frame.channel > 0 || !isOfChannel(frame), `a ${frame.type} frame of no channel`);
  if (frame.type === 'data')
    promise(frame.bytes.length > 0 && frame.bytes.length <= PAYLOAD_MAX, 'the length of data');
  return frame;
}

/** The frames as one text; parts of DATA that follow each other are one. */
function textOf(all: readonly Frame[]): string {
  let text = '';
  let open = 0;
  for (const frame of all) {
    if (frame.type === 'data') {
      if (open !== frame.channel) text += `|data ${frame.channel} `;
      text += Buffer.from(frame.bytes).toString('latin1');
      open = frame.channel;
    } else {
      text += `|${JSON.stringify(frame)}`;
      open = 0;
    }
  }
  return text;
}
