import {clientFailure} from '../../../shared/client-failure.ts';
import {type Failure, FailureError, type FailureReason} from '../../../shared/failure.ts';
import {AgentMessageError, MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';
import {Asked} from './asked.ts';
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
  readonly #asked = new Asked();
  #answers = new MessageSplitter();

  get owing(): boolean {
    return this.#asked.due > 0;
  }

  fromClient(bytes: Uint8Array): void {
    try {
      for (const request of this.#requests.push(bytes)) this.#asked.ask(request);
    } catch (error) {
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
