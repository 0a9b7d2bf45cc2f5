import {clientFailure} from '../../../shared/client-failure.ts';
import {type Failure, FailureError, type FailureReason} from '../../../shared/failure.ts';
import {AgentMessageError, MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
import type {ClientProtocol} from './client-protocol.ts';

/**
 * Requests are counted and answers passed on whole, so that a failure at any moment can be told by as
 * many SSH_AGENT_FAILURE messages as answers are due (RFC 9987: one answer per request, in order).
 */
export class SshAgent implements ClientProtocol {
  readonly serverFirst = false;
  readonly serverEndsAll = true;
  readonly fireAndForget = false;
  readonly answersOnly = true;
  readonly #requests = new MessageSplitter();
  readonly #answers = new MessageSplitter();
  #due = 0;

  get owing(): boolean {
    return this.#due > 0;
  }

  fromClient(bytes: Uint8Array): void {
    try {
      this.#due += this.#requests.push(bytes).length;
    } catch (error) {
      // the client waits for an answer to this one too
      this.#due++;
      throw asBadMessage(error, 'badRequest', 'the client does not speak the ssh-agent protocol');
    }
  }

  fromAgent(bytes: Uint8Array): Uint8Array[] {
    try {
      const answers = this.#answers.push(bytes);
      this.#due = Math.max(0, this.#due - answers.length);
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
    this.#due = 0;
    return all;
  }
}

function asBadMessage(error: unknown, reason: FailureReason, message: string): unknown {
  if (!(error instanceof AgentMessageError)) return error;
  return new FailureError({reason, message: `${message}: ${error.message}`});
}
