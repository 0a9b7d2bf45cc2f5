import {asFailure, type Failure, FailureError} from '../../shared/failure.ts';
import {
  failureMessage,
  isSessionBind,
  messageType,
  SSH_AGENTC_EXTENSION,
} from '../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import type {Target} from '../../shared/target.ts';
import {NOT_NEEDED} from '../targets/gone.ts';
import {reach} from '../targets/reach.ts';
import {Bindings} from './bindings.ts';
import type {AgentSession, Client} from './client.ts';
import {Grace} from './grace.ts';
import {type LinkLoss, SshAgentLink} from './ssh-agent-link.ts';

/**
 * A client of an ssh agent. The agent is connected when the first whole request is there, so that an idle
 * client holds nobody's place. Requests go to the agent one at a time: the protocol answers in
 * order anyway, and so it is always known whose request an agent dropped, and agents that serve one
 * request per connection need nothing special. Where an agent serves one client at a time, the connection is
 * given up between requests, and what belongs to it is said again on the next. Nothing here has a deadline once
 * the agent is connected: it may be waiting for a person.
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
  readonly #reach: typeof reach;
  readonly #bindings = new Bindings();
  readonly #grace = new Grace();
  #bindingLost = false;
  /** The agent is older than OpenSSH 8.9: it closes the connection when it sees a session-bind. */
  #dropsBinds = false;

  /** `connect` is given by tests that have an agent of their own. */
  constructor(client: Client, targets: readonly Target[], connect: typeof reach = reach) {
    this.#client = client;
    this.#targets = targets;
    this.#reach = connect;
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
  release(over: () => void): void {
    this.destroy();
    over();
  }

  destroy(): void {
    this.#over.abort(NOT_NEEDED);
    this.#drop();
  }

  #next(): void {
    if (this.#busy || this.#clientFull || this.#over.signal.aborted) return;
    const request = this.#waiting.shift();
    if (request !== undefined) {
      this.#busy = true;
      void this.#serve(request);
    } else if (this.#clientEnded) {
      this.destroy();
      this.#client.end();
    }
    // Last, because the client may say more, or its end, before this returns.
    this.#giveBack();
  }

  #giveBack(): void {
    if (this.#waiting.length > 0 || this.#held === 0 || this.#over.signal.aborted) return;
    const held = this.#held;
    this.#held = 0;
    this.#client.consumed(held);
  }

  async #serve(request: Uint8Array): Promise<void> {
    try {
      const answer = this.#dropsBinds && isSessionBind(request) ? failureMessage() : await this.#ask(request);
      if (answer === undefined || this.#over.signal.aborted) return;
      this.#clientFull = !this.#client.data(answer);
      this.#busy = false;
      this.#passOn();
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
    if (this.#bindings.full && isSessionBind(request)) return failureMessage();
    this.#grace.stop();
    for (let attempt = 0; ; attempt++) {
      const reused = this.#link !== undefined;
      const link = this.#link ?? (await this.#connect());
      const answer = await link.ask(request);
      if (link.oneRequest) this.#drop();
      if (answer instanceof Uint8Array) return this.#note(request, answer, link);
      this.#drop();
      // The agent closed the idle connection just before: it has not seen the request.
      if (answer.unsent && reused && attempt === 0 && (link.turn !== undefined || !this.#bindings.any))
        continue;
      return this.#answerForAgent(request, answer);
    }
  }

  async #connect(): Promise<SshAgentLink> {
    const reached = await this.#reach(this.#targets, {
      protocol: 'ssh-agent',
      signal: this.#over.signal,
      launch: true,
    });
    if (this.#over.signal.aborted) {
      reached.connection.stream.destroy();
      throw this.#over.signal.reason;
    }
    const link = new SshAgentLink(reached.connection, () => {
      this.#link = undefined;
      this.#bindingLost = link.turn === undefined && this.#bindings.any;
    });
    this.#link = link;
    if (!this.#opened) {
      this.#opened = true;
      // Whatever is asked later on this connection is asked of the same agent.
      this.#targets = this.#targets.slice(reached.index, reached.index + 1);
      this.#client.opened(reached.index, reached.elapsed, reached.connection.detail);
    }
    if (await this.#bindings.repeat(link)) return link;
    throw new FailureError(closed('the agent does not accept again what this ssh session was bound to'));
  }

  /** An agent that serves one client at a time is there for others while this one thinks. */
  #passOn(): void {
    const turn = this.#link?.turn;
    if (turn !== undefined) this.#grace.begin(turn.wanted, () => this.#drop());
  }

  #note(request: Uint8Array, answer: Uint8Array, {oneRequest, turn}: SshAgentLink): Uint8Array {
    // What was bound on a connection of one request is forgotten already: promising it would be a lie.
    if (oneRequest && isSessionBind(request)) return failureMessage();
    this.#bindings.note(request, answer, turn !== undefined);
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
        hint: 'wslagent probe',
      });
      return undefined;
    }
    if (messageType(request) === SSH_AGENTC_EXTENSION && !loss.midAnswer && !this.#bindings.any) {
      this.#dropsBinds ||= isSessionBind(request);
      return failureMessage();
    }
    this.#fail(
      loss.failure ??
        closed(
          loss.midAnswer
            ? 'the agent closed in the middle of an answer'
            : 'the agent closed without an answer',
        ),
    );
    return undefined;
  }

  #drop(): void {
    this.#grace.stop();
    this.#link?.destroy();
    this.#link = undefined;
  }

  #fail(failure: Failure): void {
    this.destroy();
    this.#client.fail(failure);
  }
}

function closed(message: string): Failure {
  return {reason: 'agentClosed', message, hint: 'wslagent probe'};
}
