import {asFailure, type Failure} from '../../shared/failure.ts';
import {
  failureMessage,
  isSessionBind,
  messageType,
  SSH_AGENTC_EXTENSION,
} from '../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import type {Target} from '../../shared/target.ts';
import {reach} from '../targets/reach.ts';
import type {AgentSession, Client} from './client.ts';
import {type LinkLoss, SshAgentLink} from './ssh-agent-link.ts';

/** RFC 9987's SSH_AGENT_SUCCESS. */
const SSH_AGENT_SUCCESS = 6;

/**
 * A client of an ssh agent. The agent is connected when the first whole request is there, so that an idle
 * client holds nobody's place. Requests go to the agent one at a time: the protocol answers in
 * order anyway, and so it is always known whose request an agent dropped, and agents that serve one
 * request per connection need nothing special. Nothing here has a deadline once the agent is
 * connected: it may be waiting for a person.
 */
export class SshAgentSession implements AgentSession {
  readonly #client: Client;
  readonly #over = new AbortController();
  readonly #splitter = new MessageSplitter();
  readonly #waiting: Uint8Array[] = [];
  #targets: readonly Target[];
  #link: SshAgentLink | undefined;
  #opened = false;
  #busy = false;
  #clientEnded = false;
  #clientFull = false;
  /** Received bytes that are not given back while requests wait: this bounds memory. */
  #held = 0;
  /** The agent has accepted a session-bind on this link: another connection would not know of it. */
  #bound = false;
  #bindingLost = false;
  /** The agent is older than OpenSSH 8.9: it closes the connection when it sees a session-bind. */
  #dropsBinds = false;

  constructor(client: Client, targets: readonly Target[]) {
    this.#client = client;
    this.#targets = targets;
  }

  data(bytes: Uint8Array): void {
    if (this.#over.signal.aborted) return;
    try {
      this.#waiting.push(...this.#splitter.push(bytes));
    } catch (error) {
      this.#fail({
        reason: 'badRequest',
        message: `the client sent no ssh-agent request: ${asFailure(error).message}`,
      });
      return;
    }
    this.#held += bytes.length;
    this.#next();
  }

  end(): void {
    this.#clientEnded = true;
    this.#next();
  }

  drain(): void {
    this.#clientFull = false;
    this.#next();
  }

  /** Its end is only told when every request is answered. */
  release(): void {
    this.destroy();
  }

  destroy(): void {
    this.#over.abort();
    this.#link?.destroy();
    this.#link = undefined;
  }

  #next(): void {
    if (this.#busy || this.#clientFull || this.#over.signal.aborted) return;
    const request = this.#waiting.shift();
    if (this.#waiting.length === 0 && this.#held > 0) {
      this.#client.consumed(this.#held);
      this.#held = 0;
    }
    if (request !== undefined) {
      this.#busy = true;
      void this.#serve(request);
    } else if (this.#clientEnded) {
      this.destroy();
      this.#client.end();
    }
  }

  async #serve(request: Uint8Array): Promise<void> {
    try {
      const answer = this.#dropsBinds && isSessionBind(request) ? failureMessage() : await this.#ask(request);
      if (answer === undefined || this.#over.signal.aborted) return;
      this.#clientFull = !this.#client.data(answer);
      this.#busy = false;
      this.#next();
    } catch (error) {
      if (!this.#over.signal.aborted) this.#fail(asFailure(error));
    }
  }

  /** The answer for the client; undefined when the session has failed. */
  async #ask(request: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#bindingLost) {
      this.#fail(closed('the agent has closed the connection that this ssh session was bound to'));
      return undefined;
    }
    for (let attempt = 0; ; attempt++) {
      const reused = this.#link !== undefined;
      const link = this.#link ?? (await this.#connect());
      const answer = await link.ask(request);
      if (link.oneRequest) this.#drop();
      if (answer instanceof Uint8Array) return this.#note(request, answer, link.oneRequest);
      this.#drop();
      // The agent closed the idle connection just before: it has not seen the request.
      if (answer.unsent && reused && !this.#bound && attempt === 0) continue;
      return this.#answerForAgent(request, answer);
    }
  }

  async #connect(): Promise<SshAgentLink> {
    const reached = await reach(this.#targets, {
      protocol: 'ssh-agent',
      signal: this.#over.signal,
      launch: true,
    });
    if (this.#over.signal.aborted) {
      reached.connection.stream.destroy();
      throw this.#over.signal.reason;
    }
    this.#link = new SshAgentLink(reached.connection, () => {
      this.#link = undefined;
      this.#bindingLost = this.#bound;
    });
    if (!this.#opened) {
      this.#opened = true;
      // Whatever is asked later on this connection is asked of the same agent.
      this.#targets = this.#targets.slice(reached.index, reached.index + 1);
      this.#client.opened(reached.index, reached.elapsed, reached.connection.detail);
    }
    return this.#link;
  }

  #note(request: Uint8Array, answer: Uint8Array, oneRequest: boolean): Uint8Array {
    if (!isSessionBind(request) || messageType(answer) !== SSH_AGENT_SUCCESS) return answer;
    // What was bound on a connection of one request is forgotten already: promising it would be a lie.
    if (oneRequest) return failureMessage();
    this.#bound = true;
    return answer;
  }

  /**
   * Windows agents older than 8.9 close on session-bind, newer ones on every other extension; clients take a
   * failure of those in their stride (Win32-OpenSSH#1976). Anything else is the end.
   */
  #answerForAgent(request: Uint8Array, loss: LinkLoss): Uint8Array | undefined {
    if (loss.malformed !== undefined) {
      this.#fail({
        reason: 'badGreeting',
        message: `who answered is no ssh agent: ${loss.malformed}`,
        hint: 'to see what answers there: wslagent probe',
      });
      return undefined;
    }
    if (messageType(request) === SSH_AGENTC_EXTENSION && !loss.midAnswer && !this.#bound) {
      this.#dropsBinds ||= isSessionBind(request);
      return failureMessage();
    }
    this.#fail(
      closed(
        loss.midAnswer ? 'the agent closed in the middle of an answer' : 'the agent closed without an answer',
      ),
    );
    return undefined;
  }

  #drop(): void {
    this.#link?.destroy();
    this.#link = undefined;
  }

  #fail(failure: Failure): void {
    this.destroy();
    this.#client.fail(failure);
  }
}

function closed(message: string): Failure {
  return {reason: 'agentClosed', message, hint: 'see whether the agent still runs: wslagent probe'};
}
