import type {Duplex} from 'node:stream';
import type {SecretExchange} from '../../shared/cygwin/exchange.ts';
import type {Failure, FailureReason} from '../../shared/failure.ts';
import {openingWords} from './opening-words.ts';

/** How long a server may take for each of its two answers, in milliseconds. No person is asked before that. */
const ANSWER_MS = 10_000;

const SILENT = {
  secret: 'accepted the connection and did not send the secret back',
  credentials: 'sent the secret back and no credentials',
  nothing: '',
};

const CLOSED = {
  secret: 'closed the connection instead of sending the secret back: the file is out of date',
  credentials: 'closed the connection instead of sending its credentials',
  nothing: '',
};

const WRONG = 'sent something else than the secret back: another program has this port now';

/**
 * Does the handshake of a Cygwin socket on a new connection, which is paused again afterwards; what came behind the
 * handshake is what it reads first. `who` and `hint` are for failures, which never quote a byte that came: they may
 * be the secret. Throws FailureError and destroys the stream.
 */
export async function exchangeSecrets(
  stream: Duplex,
  exchange: SecretExchange,
  {who, hint, signal}: {who: string; hint: string; signal: AbortSignal},
): Promise<void> {
  const failure = (reason: FailureReason, sentence: string): Failure => ({
    reason,
    message: `${who} ${sentence}`,
    hint,
  });
  stream.write(exchange.secret);
  const rest = await openingWords(stream, ANSWER_MS, signal, {
    take(chunk, more) {
      const {send, rest, wrong} = exchange.push(chunk);
      if (wrong) return {failure: failure('badGreeting', WRONG)};
      if (send !== undefined) {
        stream.write(send);
        more();
      }
      return rest === undefined ? undefined : {done: rest};
    },
    missing: how =>
      how === 'silent'
        ? failure('timeout', `${SILENT[exchange.awaits]} within ${ANSWER_MS / 1000} s`)
        : failure('agentClosed', CLOSED[exchange.awaits]),
  });
  if (rest.length > 0) stream.unshift(rest);
}
