/** Requests that tell the double agent (test/fixtures/told-agent.ts) what to do: numbers of RFC 9987's private range. */
import {SSH_AGENTC_EXTENSION} from '../../../shared/ssh-agent/messages.ts';
import {message} from './agent-messages.ts';

export const ORDERS = {echo: 240, late: 241, half: 242, close: 243, flood: 244, count: 245} as const;

/** SSH_AGENT_SUCCESS: the number of every answer that the double gives. */
const ANSWER = 6;

/** An answer of the double. */
export function answer(body: Uint8Array = new Uint8Array(0)): Buffer {
  return message(ANSWER, body);
}

/** Answered with the same body. */
export function echo(body: Uint8Array): Buffer {
  return message(ORDERS.echo, body);
}

/** Answered after so many milliseconds; if it is the last one, the connection is closed then. */
export function late(milliseconds: number, {last = false} = {}): Buffer {
  return message(ORDERS.late, Buffer.concat([uint32(milliseconds), Buffer.of(Number(last))]));
}

/** Half of an answer with so many bytes of pattern, and then nothing more. */
export function half(size: number): Buffer {
  return message(ORDERS.half, uint32(size));
}

/** Once everything is answered the connection is closed in place of an answer to this. */
export function close(): Buffer {
  return message(ORDERS.close);
}

/** So many answers of `size` bytes of pattern each, as fast as they are taken. */
export function flood(answers: number, size: number): Buffer {
  return message(ORDERS.flood, Buffer.concat([uint32(answers), uint32(size)]));
}

/** Answered with a number: how many bytes of all other answers Windows has taken from the double so far. */
export function count(): Buffer {
  return message(ORDERS.count);
}

/** A session-bind, as far as the double looks at it: it says the number, and on which connection it got it, and accepts. */
export function bind(session: number): Buffer {
  const name = Buffer.from('session-bind@openssh.com');
  return message(SSH_AGENTC_EXTENSION, Buffer.concat([uint32(name.length), name, uint32(session)]));
}

/** Bytes that show every loss, doubling and change of order. */
export function pattern(size: number, seed = 0): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = seed + 1;
  for (let at = 0; at < size; at++) {
    // Lehmer's generator, modulus 2^31 - 1
    state = (state * 48271) % 2147483647;
    bytes[at] = state & 0xff;
  }
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
