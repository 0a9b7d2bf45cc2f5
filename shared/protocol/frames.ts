import type {EndpointProtocol} from '../endpoint.ts';
import type {Failure} from '../failure.ts';

/** Frame types on the wire; a number is never given a second meaning. */
export const FRAME_TYPES = {
  open: 1,
  opened: 2,
  failed: 3,
  data: 4,
  credit: 5,
  end: 6,
  reset: 7,
  ask: 8,
  alive: 9,
} as const;

/** The channel of what is between the two programs themselves, and of no connection. */
export const NO_CHANNEL = 0;

/** One frame, decoded. `channel` is a number from 1 to CHANNEL_ID_MAX, but for a sign of life. */
export type Frame =
  | {type: 'open'; channel: number; protocol: EndpointProtocol; targets: string[]}
  /** `target` is the index in the list of OPEN, `elapsed` the time to connect in milliseconds, `detail` what exactly answered. */
  | {type: 'opened'; channel: number; target: number; elapsed: number; detail: string}
  | {type: 'failed'; channel: number; failure: Failure}
  /** On the way in a part of one, if it came in parts. */
  | {type: 'data'; channel: number; bytes: Uint8Array}
  /** `amount` more bytes may be sent. */
  | {type: 'credit'; channel: number; amount: number}
  | {type: 'end'; channel: number}
  | {type: 'reset'; channel: number; failure: Failure}
  /** Question `number`: does your main loop turn? */
  | {type: 'ask'; channel: typeof NO_CHANNEL; number: number}
  /** The answer to question `number` and to all before it. */
  | {type: 'alive'; channel: typeof NO_CHANNEL; number: number};

/**
 * The peer broke docs/protocol.md; the connection to it is of no further use. No number is shown that was read where frames
 * may have come out of step: it may be part of what a client or an agent said.
 */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}
