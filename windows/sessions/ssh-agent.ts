import {asFailure, type Failure, FailureError} from '../../shared/failure.ts';
import {MessageQueue} from '../../shared/ssh-agent/message-queue.ts';
import {
  failureMessage,
  isExtension,
  isListRequest,
  isSessionBind,
  mustBeAnswered,
} from '../../shared/ssh-agent/messages.ts';
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
  readonly #requests = new MessageQueue();
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
  /** Why a request got no answer that an agent has for it: told when the client ends, because it may go on. */
  #dropped: Failure | undefined;
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
    this.#requests.push(bytes);
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
    this.#requests.clear();
    this.#drop();
  }

  #next(): void {
    if (this.#busy || this.#clientFull || this.#over.signal.aborted) return;
    const request = this.#take();
    if (this.#over.signal.aborted) return;
    if (request !== undefined) {
      this.#busy = true;
      void this.#serve(request);
    } else if (this.#clientEnded) {
      this.destroy();
      if (this.#dropped === undefined) this.#client.end();
      else this.#client.fail(this.#dropped);
    }
    // Last, because the client may say more, or its end, before this returns.
    this.#giveBack();
  }

  #take(): Uint8Array | undefined {
    try {
      return this.#requests.next();
    } catch (error) {
      this.#fail({
        reason: 'badRequest',
        message: `the client sent no ssh-agent request: ${asFailure(error).message}`,
      });
      return undefined;
    }
  }

  #giveBack(): void {
    if (this.#requests.ready || this.#held === 0 || this.#over.signal.aborted) return;
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
      // The agent closed the idle connection just before: it has not seen the request, or it may see it twice.
      const harmless = answer.unsent || (isListRequest(request) && !answer.malformed);
      if (harmless && reused && attempt === 0 && (link.turn !== undefined || !this.#bindings.any)) continue;
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
   * Agents close on what they do not know: Windows' older than 8.9 on session-bind, newer ones on every other extension
   * (Win32-OpenSSH#1976), others on what ssh clients before 8.0 ask first, for keys of SSH 1. A failure is their answer, and
   * the next request gets a fresh connection; but where one was bound, only its end tells the client so.
   * What may change anything is never asked again: the agent may have done it.
   */
  #answerForAgent(request: Uint8Array, loss: LinkLoss): Uint8Array | undefined {
    const failure =
      loss.failure ?? closed(`the agent closed ${loss.midAnswer ? 'in the middle of' : 'without'} an answer`);
    if (loss.malformed || this.#bindings.any) {
      this.#fail(failure);
      return undefined;
    }
    this.#dropsBinds ||= isSessionBind(request);
    const told = loss.failure !== undefined && !isExtension(request);
    if (told || loss.midAnswer || mustBeAnswered(request)) this.#dropped = failure;
    return failureMessage();
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
