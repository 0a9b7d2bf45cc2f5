import type {Failure} from '../failure.ts';
import {oneLine} from '../text.ts';

/** libgpg-error: source GPG_ERR_SOURCE_GPGAGENT (4) in the upper byte, code GPG_ERR_NO_AGENT (77) below. */
const NO_AGENT = (4 << 24) | 77;

/** An Assuan line, without its newline, is at most 1000 bytes long (libassuan, ASSUAN_LINELENGTH). */
const LINE_MAX = 1000;

/** The `ERR` line that tells an Assuan client why there is no agent, newline included. */
export function errorLine(failure: Failure): Uint8Array {
  const text = `ERR ${NO_AGENT} No agent <wslagent: ${oneLine(failure.message, 600)}>`;
  const bytes = new TextEncoder().encode(text).subarray(0, LINE_MAX);
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}
