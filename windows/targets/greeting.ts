import {FailureError, type FailureReason} from '../../shared/failure.ts';
import {oneLineOfBytes} from '../../shared/text.ts';
import type {AgentConnection} from './connection.ts';

/** How long a server may take to greet, in milliseconds. No person is asked before that. */
const GREETING_MS = 10_000;

/** The longest line of Assuan without its newline (libassuan, ASSUAN_LINELENGTH), in bytes. */
const LINE_MAX = 1000;

/** How many lines a greeting may have: dirmngr puts comments in front of its OK. */
const LINES_MAX = 16;

const NEWLINE = 0x0a;

/**
 * Reads an Assuan server's greeting, however it is cut: comment lines and an `OK` or `ERR` line. Returns true when
 * it is complete, false when more must come, and a sentence when this is no Assuan server.
 */
export function checkGreeting(bytes: Uint8Array): boolean | string {
  let start = 0;
  for (let count = 0; count < LINES_MAX; count++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const line = bytes.subarray(start, newline < 0 ? bytes.length : newline);
    if (!looksRight(line, newline >= 0)) return `it greets with: ${oneLineOfBytes(line, 80)}`;
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
export function greeted(connection: AgentConnection, signal: AbortSignal): Promise<AgentConnection> {
  const {stream, detail} = connection;
  return new Promise((resolve, reject) => {
    let early = new Uint8Array(0);
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      stream.off('data', onData);
      stream.off('end', onClosed);
      stream.off('close', onClosed);
      stream.off('error', onClosed);
    };
    const fail = (error: unknown): void => {
      finish();
      stream.destroy();
      reject(error);
    };
    const refuse = (reason: FailureReason, sentence: string): void =>
      fail(
        new FailureError({
          reason,
          message: `${detail} ${sentence}`,
          hint: 'restart gpg-agent: gpgconf.exe --kill gpg-agent',
        }),
      );
    const onData = (chunk: Uint8Array): void => {
      early = Uint8Array.from([...early, ...chunk]);
      const verdict = checkGreeting(early);
      if (typeof verdict === 'string') {
        refuse('badGreeting', `is no GnuPG service: ${verdict}`);
      } else if (verdict) {
        finish();
        stream.pause();
        resolve({...connection, early});
      }
    };
    // A wrong nonce, or an agent that is just going.
    const onClosed = (): void => refuse('agentClosed', 'closed the connection instead of greeting');
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(
      () => refuse('timeout', `accepted the connection and did not greet within ${GREETING_MS / 1000} s`),
      GREETING_MS,
    );
    signal.addEventListener('abort', onAbort, {once: true});
    stream.on('data', onData);
    stream.on('end', onClosed);
    stream.on('close', onClosed);
    stream.on('error', onClosed);
    stream.resume();
  });
}
