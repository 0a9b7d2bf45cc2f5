/** Frames of the relay protocol, as a side that means well makes them, and as one that does not. */
import {ENDPOINT_PROTOCOLS} from '../../../shared/endpoint.ts';
import {FAILURE_CODES, type Failure, type FailureReason} from '../../../shared/failure.ts';
import {encodeFrame} from '../../../shared/protocol/encode.ts';
import type {Frame} from '../../../shared/protocol/frames.ts';
import type {SessionRole} from '../../../shared/protocol/session.ts';
import type {Random} from './random.ts';

const REASONS = Object.keys(FAILURE_CODES) as [FailureReason, ...FailureReason[]];
const OF_CHANNEL = ['open', 'opened', 'failed', 'data', 'credit', 'end', 'reset'] as const;
const TEXTS = ['', 'pipe:x', 'gpg:agent-socket', 'ä€𝄞', '\u202eright to left', 'x'.repeat(1100)] as const;

/** A few frames for few channels, so that they meet. */
export function frames(random: Random, sender: SessionRole): Frame[] {
  const made: Frame[] = [];
  let opened = 0;
  for (let left = 1 + random.small(12); left > 0; left--) {
    const channel = 1 + random.below(opened + 1);
    if (sender === 'relay' && random.once(3)) {
      made.push({type: 'open', channel: ++opened, ...targets(random)});
      continue;
    }
    made.push(frame(random, channel, sender));
    if (sender === 'helper') opened = Math.max(opened, random.below(4));
  }
  return made;
}

/** Frames of no channel, of whatever type: those that this version does not know are refused. */
export function withoutChannel(random: Random): Uint8Array {
  const frame = Buffer.alloc(12);
  frame[4] = 8 + random.below(3);
  frame[7] = 4;
  frame.writeUInt32BE(random.small(5), 8);
  return frame;
}

/** Whether it is one of those that belong to a channel. */
export function isOfChannel({type}: Frame): boolean {
  return (OF_CHANNEL as readonly string[]).includes(type);
}

export function encoded(all: readonly Frame[]): Uint8Array {
  return Buffer.concat(all.flatMap(encodeFrame));
}

function frame(random: Random, channel: number, sender: SessionRole): Frame {
  switch (random.below(sender === 'helper' ? 6 : 4)) {
    case 0:
      return {type: 'data', channel, bytes: random.bytes(1 + random.small(300))};
    case 1:
      return {type: 'credit', channel, amount: 1 + random.pick([0, 65_535, 131_071, 16 * 1024 * 1024 - 1])};
    case 2:
      return {type: 'end', channel};
    case 3:
      return {type: 'reset', channel, failure: failure(random)};
    case 4:
      return {type: 'failed', channel, failure: failure(random)};
    default:
      return {
        type: 'opened',
        channel,
        target: random.below(3),
        elapsed: random.next(),
        detail: random.pick(TEXTS),
      };
  }
}

function targets(random: Random) {
  const count = 1 + random.small(17);
  return {
    protocol: random.pick(ENDPOINT_PROTOCOLS as unknown as ['raw', 'ssh-agent', 'assuan']),
    targets: Array.from({length: count}, () => random.pick(TEXTS)),
  };
}

function failure(random: Random): Failure {
  const reason = random.pick(REASONS);
  const [message, hint] = [random.pick(TEXTS), random.pick(TEXTS)];
  return hint === '' ? {reason, message} : {reason, message, hint};
}
