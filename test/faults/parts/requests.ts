/** Requests of which each is told from all others, and their answers, as an ssh agent has them (RFC 9987). */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

/** What is signed: a number, how long the agent is to think in milliseconds, and as many bytes more as one likes. */
const HEAD_BYTES = 12;
const KEY = Buffer.from('a key');

export const LIST_REQUEST: Buffer = framed(REQUEST_IDENTITIES);

/** SSH_AGENT_IDENTITIES_ANSWER with two keys. */
export const LIST: Buffer = framed(
  IDENTITIES_ANSWER,
  Buffer.concat([
    uint32(2),
    string(KEY),
    string(Buffer.from('one')),
    string(KEY),
    string(Buffer.from('two')),
  ]),
);

export function isList(request: Uint8Array): boolean {
  return request[4] === REQUEST_IDENTITIES && request.length === 5;
}

export function signRequest(id: number, delay = 0, more = 0): Buffer {
  const data = Buffer.alloc(HEAD_BYTES + more);
  data.writeDoubleBE(id);
  data.writeUInt32BE(delay, 8);
  return framed(SIGN_REQUEST, Buffer.concat([string(KEY), string(data), uint32(0)]));
}

/** Zeros for what is no such request. */
export function readSign(request: Buffer): {id: number; delay: number} {
  const at = 5 + 4 + KEY.length + 4;
  if (request[4] !== SIGN_REQUEST || request.length < at + HEAD_BYTES) return {id: 0, delay: 0};
  return {id: request.readDoubleBE(at), delay: request.readUInt32BE(at + 8)};
}

/** The answer to the request to sign with this number, and to no other. */
export function signature(id: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeDoubleBE(id);
  return framed(SIGN_RESPONSE, string(number));
}

/** A message of this type, length field included. */
function framed(type: number, body: Uint8Array = new Uint8Array(0)): Buffer {
  return Buffer.concat([uint32(1 + body.length), Buffer.of(type), body]);
}

function string(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
