import {LENGTH_BYTES, messageType} from './messages.ts';

/**
 * SSH_AGENTC_REQUEST_IDENTITIES (RFC 9987), whole: the harmless request, which asks for public keys alone. It is written,
 * never changed.
 */
export const REQUEST_IDENTITIES: Uint8Array = Uint8Array.of(0, 0, 0, 1, 11);

/** Whether a whole frame is SSH_AGENTC_REQUEST_IDENTITIES, and nothing else. */
export function isRequestIdentities(frame: Uint8Array): boolean {
  return frame.length === REQUEST_IDENTITIES.length && messageType(frame) === messageType(REQUEST_IDENTITIES);
}

/** SSH_AGENT_IDENTITIES_ANSWER. */
export const IDENTITIES_ANSWER = 12;

/** Where the number of keys stands, and where the first begins. */
const COUNT_AT = LENGTH_BYTES + 1;
const KEYS_AT = COUNT_AT + 4;

/** How many keys a whole frame lists; undefined when it is no SSH_AGENT_IDENTITIES_ANSWER, or has fewer than it says. */
export function countIdentities(frame: Uint8Array): number | undefined {
  if (messageType(frame) !== IDENTITIES_ANSWER || frame.length < KEYS_AT) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const count = view.getUint32(COUNT_AT);
  let at = KEYS_AT;
  // a key's blob and its comment, each a string of SSH: a length and so many bytes
  for (let strings = count * 2; strings > 0; strings--) {
    if (at + 4 > frame.length) return undefined;
    at += 4 + view.getUint32(at);
  }
  return at <= frame.length ? count : undefined;
}
