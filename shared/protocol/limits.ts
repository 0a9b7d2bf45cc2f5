/** The numbers of docs/protocol.md that bound memory. Both sides must use the same. */

/** Channel id (4), frame type (1), payload length (3). */
export const HEADER_BYTES = 8;

/** The longest payload of any frame, in bytes. */
export const PAYLOAD_MAX = 64 * 1024;

/** What each side may send on a fresh channel before the other grants more, in bytes. */
export const INITIAL_CREDIT = 512 * 1024;

/** The most credit that may ever stand open on a channel, in bytes. */
export const CREDIT_MAX = 16 * 1024 * 1024;

/** How much is consumed before credit is given back in one frame, in bytes. */
export const CREDIT_STEP = 128 * 1024;

/** How many channels one helper carries at a time. */
export const CHANNELS_MAX = 4096;

/** The highest channel id; a helper that has used it up is replaced. */
export const CHANNEL_ID_MAX = 0xffff_ffff;
