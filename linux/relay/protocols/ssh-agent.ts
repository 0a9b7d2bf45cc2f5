import {clientFailure} from '../../../shared/client-failure.ts';
import {type Failure, FailureError, type FailureReason} from '../../../shared/failure.ts';
import {AgentMessageError} from '../../../shared/ssh-agent/length.ts';
import {MessageQueue} from '../../../shared/ssh-agent/message-queue.ts';
import {MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
import {Asked} from './asked.ts';
import type {ClientProtocol} from './client-protocol.ts';

/** How many requests of a client may wait, besides those that came in the same read. Clients ask one at a time. */
const DUE_MAX = 64;

/**
 * Requests are counted and answers passed on whole, so that a failure at any moment can be told by as
 * many SSH_AGENT_FAILURE messages as answers are due (RFC 9987: one answer per request, in order).
 */
export class SshAgent implements ClientProtocol {
  readonly serverFirst = false;
  readonly serverEndsAll = true;
  readonly fireAndForget = false;
  readonly answersOnly = true;
  readonly #requests = new MessageQueue();
  readonly #asked = new Asked();
  #answers = new MessageSplitter();
  /** What the client says can no more be told apart into requests. */
  #broken = false;

  get owing(): boolean {
    return this.#asked.due > 0;
  }

  get full(): boolean {
    return this.#asked.due > DUE_MAX;
  }

  fromClient(bytes: Uint8Array): void {
    if (this.#broken) return;
    try {
      this.#requests.push(bytes);
      for (let next = this.#requests.next(); next !== undefined; next = this.#requests.next())
        this.#asked.ask(next);
    } catch (error) {
      this.#broken = true;
      this.#requests.clear();
      // the client waits for an answer to this one too
      this.#asked.askInVain();
      throw asBadMessage(error, 'badRequest', 'the client does not speak the ssh-agent protocol');
    }
  }

  fromAgent(bytes: Uint8Array): Uint8Array[] {
    try {
      return this.#answers.push(bytes).filter(answer => this.#asked.answer(answer));
    } catch (error) {
      throw asBadMessage(error, 'tooLong', 'the agent does not speak the ssh-agent protocol');
    }
  }

  atAgentEnd(): Failure | undefined {
    if (!this.owing && !this.#answers.midMessage) return undefined;
    return {reason: 'agentClosed', message: 'the agent closed the connection without an answer'};
  }

  farewell(failure: Failure): Uint8Array {
    const message = clientFailure('ssh-agent', failure);
    const all = new Uint8Array(message.length * this.#asked.due);
    for (let at = 0; at < all.length; at += message.length) all.set(message, at);
    this.#asked.answerAll();
    return all;
  }

  again(): Uint8Array[] | undefined {
    const requests = this.#asked.again();
    if (requests === undefined) return undefined;
    // an answer that had begun comes anew
    this.#answers = new MessageSplitter();
    return [...requests, this.#requests.begun];
  }
}

function asBadMessage(error: unknown, reason: FailureReason, message: string): unknown {
  if (!(error instanceof AgentMessageError)) return error;
  return new FailureError({reason, message: `${message}: ${error.message}`});
}
