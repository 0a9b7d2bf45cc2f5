import type {Failure, FailureReason} from '../../shared/failure.ts';
import type {AgentConnection} from './connection.ts';
import {openingWords} from './opening-words.ts';

/** How long a server may take to greet, in milliseconds. No person is asked before that. */
const GREETING_MS = 10_000;

/** The longest line of Assuan without its newline (libassuan, ASSUAN_LINELENGTH), in bytes. */
const LINE_MAX = 1000;

/** How many lines a greeting may have: dirmngr puts comments in front of its OK. */
const LINES_MAX = 16;

const NEWLINE = 0x0a;

/**
 * Reads an Assuan server's greeting, however it is cut: comment lines and an `OK` or `ERR` line. Returns true when
 * it is complete, false when more must come, and a sentence when this is no Assuan server. Nothing of it is quoted: who
 * has the port of a socket file may say back the secret that was sent to it.
 */
export function checkGreeting(bytes: Uint8Array): boolean | string {
  let start = 0;
  for (let count = 0; count < LINES_MAX; count++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const line = bytes.subarray(start, newline < 0 ? bytes.length : newline);
    if (!looksRight(line, newline >= 0)) return 'it greets as none does';
    if (line.length > LINE_MAX) return 'it greets with a line of more than 1000 bytes';
    if (newline < 0) return false;
    if (line[0] !== 0x23) return true;
    start = newline + 1;
  }
  return 'its greeting does not end';
}

/** Whether a line, or as much as there is of it, is `OK`, `OK …`, `ERR …` or a comment. */
function looksRight(line: Uint8Array, complete: boolean): boolean {
  const text = String.fromCharCode(...line.subarray(0, 4)).replace(/\r$/, '');
  if (complete) return text === 'OK' || text.startsWith('OK ') || text === 'ERR ' || text.startsWith('#');
  return ['OK ', 'ERR ', '#'].some(word => word.startsWith(text) || text.startsWith(word));
}

/**
 * Waits for the greeting and keeps it in `early`: a server that accepts and says nothing, as one that
 * took over the port of a stale socket file, must not hold a client. Throws FailureError and destroys the stream.
 */
export async function greeted(connection: AgentConnection, signal: AbortSignal): Promise<AgentConnection> {
  const {stream, detail} = connection;
  let heard = new Uint8Array(0);
  const failure = (reason: FailureReason, sentence: string): Failure => ({
    reason,
    message: `${detail} ${sentence}`,
    hint: 'gpgconf.exe --kill gpg-agent',
  });
  const early = await openingWords(stream, GREETING_MS, signal, {
    take(chunk) {
      heard = Uint8Array.from([...heard, ...chunk]);
      const verdict = checkGreeting(heard);
      if (typeof verdict === 'string')
        return {failure: failure('badGreeting', `is no GnuPG service: ${verdict}`)};
      return verdict ? {done: heard} : undefined;
    },
    missing: how =>
      how === 'silent'
        ? failure('timeout', `accepted the connection and did not greet within ${GREETING_MS / 1000} s`)
        : // A wrong nonce, or an agent that is just going.
          failure('agentClosed', 'closed the connection instead of greeting'),
  });
  return {...connection, early};
}
