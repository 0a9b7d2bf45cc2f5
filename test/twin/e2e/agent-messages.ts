/** ssh-agent messages (RFC 9987) as the tests send and read them. */

const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;

/** SSH_AGENTC_REQUEST_IDENTITIES, whole. */
export const REQUEST_IDENTITIES = message(11);

/** SSH_AGENT_IDENTITIES_ANSWER of an agent without keys, whole. */
export const NO_KEYS = message(IDENTITIES_ANSWER, Buffer.alloc(4));

/** SSH_AGENT_FAILURE, whole. */
export const FAILURE = message(5);

/** A message of this type, length field included. */
export function message(type: number, body: Uint8Array = new Uint8Array(0)): Buffer {
  const whole = Buffer.alloc(5 + body.length);
  whole.writeUInt32BE(1 + body.length);
  whole[4] = type;
  whole.set(body, 5);
  return whole;
}

/** The comments of the keys in an identities answer; throws when it is something else. */
export function comments(answer: Buffer): string[] {
  if (answer[4] !== IDENTITIES_ANSWER) throw new Error(`no identities answer but type ${answer[4]}`);
  const found: string[] = [];
  let at = 9;
  const next = () => {
    const start = at + 4;
    at = start + answer.readUInt32BE(at);
    return answer.subarray(start, at);
  };
  for (let count = answer.readUInt32BE(5); count > 0; count--) {
    next();
    found.push(next().toString());
  }
  return found;
}

/** SSH_AGENTC_SIGN_REQUEST, whole: the key with this blob is to sign these bytes. */
export function signRequest(blob: Uint8Array, bytes: Uint8Array): Buffer {
  return message(SIGN_REQUEST, Buffer.concat([string(blob), string(bytes), Buffer.alloc(4)]));
}

/** An SSH string (RFC 4251, section 5). */
function string(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
