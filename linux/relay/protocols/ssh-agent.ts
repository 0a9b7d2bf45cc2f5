import {clientFailure} from '../../../shared/client-failure.ts';
import {type Failure, FailureError, type FailureReason} from '../../../shared/failure.ts';
import {MessageCounter} from '../../../shared/ssh-agent/counter.ts';
import {AgentMessageError} from '../../../shared/ssh-agent/length.ts';
import {MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
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
  readonly #requests = new MessageCounter();
  readonly #answers = new MessageSplitter();
  #answered = 0;
  /** Requests that cannot be counted because they are none; somebody waits for an answer all the same. */
  #broken = 0;

  get owing(): boolean {
    return this.#due > 0;
  }

  get full(): boolean {
    return this.#due > DUE_MAX;
  }

  get #due(): number {
    return Math.max(0, this.#requests.count + this.#broken - this.#answered);
  }

  fromClient(bytes: Uint8Array): void {
    try {
      this.#requests.push(bytes);
    } catch (error) {
      this.#broken = 1;
      throw asBadMessage(error, 'badRequest', 'the client does not speak the ssh-agent protocol');
    }
  }

  fromAgent(bytes: Uint8Array): Uint8Array[] {
    try {
      const answers = this.#answers.push(bytes);
      this.#answered += Math.min(answers.length, this.#due);
      return answers;
    } catch (error) {
      throw asBadMessage(error, 'tooLong', 'the agent does not speak the ssh-agent protocol');
    }
  }

  atAgentEnd(): Failure | undefined {
    if (this.#due === 0 && !this.#answers.midMessage) return undefined;
    return {reason: 'agentClosed', message: 'the agent closed the connection without an answer'};
  }

  farewell(failure: Failure): Uint8Array {
    const message = clientFailure('ssh-agent', failure);
    const all = new Uint8Array(message.length * this.#due);
    for (let at = 0; at < all.length; at += message.length) all.set(message, at);
    this.#answered += this.#due;
    return all;
  }
}

function asBadMessage(error: unknown, reason: FailureReason, message: string): unknown {
  if (!(error instanceof AgentMessageError)) return error;
  return new FailureError({reason, message: `${message}: ${error.message}`});
}
