/** The ssh-agent protocol (RFC 9987) as far as a relay must know it: framing and a few message numbers. */

/** OpenSSH's AGENT_MAX_LEN: the longest message, without its length field, in bytes. */
export const MESSAGE_MAX = 256 * 1024;

/** The length field in front of every message, in bytes. */
export const LENGTH_BYTES = 4;

const SSH_AGENTC_REQUEST_IDENTITIES = 11;
export const SSH_AGENTC_EXTENSION = 27;

/**
 * The requests that RFC 9987 has, but for extensions: list (11), sign (13), add (17, 25), remove (18, 19), smartcards (20, 21, 26),
 * lock and unlock (22, 23). An agent answers them, if only with a failure. Those of SSH 1 (1 to 9, 24) it need not know.
 */
const REQUESTS = new Set([11, 13, 17, 18, 19, 20, 21, 22, 23, 25, 26]);

/** Whether a whole frame asks for the list of keys, which changes nothing. */
export function isListRequest(frame: Uint8Array): boolean {
  return messageType(frame) === SSH_AGENTC_REQUEST_IDENTITIES;
}

/** Whether a whole frame is a request that every agent answers. */
export function mustBeAnswered(frame: Uint8Array): boolean {
  return REQUESTS.has(messageType(frame));
}

const SSH_AGENT_FAILURE = 5;

const NAME = new TextDecoder('latin1');

/** A fresh SSH_AGENT_FAILURE, length field included. */
export function failureMessage(): Uint8Array {
  return Uint8Array.of(0, 0, 0, 1, SSH_AGENT_FAILURE);
}

/** Whether a whole frame is SSH_AGENT_FAILURE. */
export function isFailure(frame: Uint8Array): boolean {
  return messageType(frame) === SSH_AGENT_FAILURE;
}

/** The message number of a whole frame. */
export function messageType(frame: Uint8Array): number {
  return frame[LENGTH_BYTES] ?? 0;
}

/** Whether a whole frame is an extension, which an agent need not know. */
export function isExtension(frame: Uint8Array): boolean {
  return messageType(frame) === SSH_AGENTC_EXTENSION;
}

/** Whether a whole frame is OpenSSH's session-bind (PROTOCOL.agent §1), which agents older than 8.9 drop. */
export function isSessionBind(frame: Uint8Array): boolean {
  if (!isExtension(frame) || frame.length < LENGTH_BYTES + 5) return false;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const length = view.getUint32(LENGTH_BYTES + 1);
  return (
    NAME.decode(frame.subarray(LENGTH_BYTES + 5, LENGTH_BYTES + 5 + length)) === 'session-bind@openssh.com'
  );
}
