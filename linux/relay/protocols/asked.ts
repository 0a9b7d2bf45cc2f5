import {type Failure, FailureError} from '../../../shared/failure.ts';
import {isRequestIdentities, REQUEST_IDENTITIES} from '../../../shared/ssh-agent/identities.ts';
import {
  isFailure,
  isSessionBind,
  messageType,
  SSH_AGENTC_EXTENSION,
} from '../../../shared/ssh-agent/messages.ts';

/** OpenSSH's agent binds a connection no more often (AGENT_MAX_SESSION_IDS). */
const BINDS_MAX = 16;

/** The longest bind that is kept: a host's key or certificate and a signature, in bytes. */
const BIND_MAX = 16 * 1024;

/** No more requests that wait for their answers are ever asked again. */
const AGAIN_MAX = 1000;

const BOUND_NO_MORE: Failure = {
  reason: 'agentClosed',
  message: 'the agent does not accept again what this ssh session was bound to',
};

/**
 * What an ssh client has asked on its connection, and which of that can be said to another connection in its place. Keys
 * may be listed any number of times, and a session-bind (PROTOCOL.agent §1) is what makes another connection like this
 * one. Anything else might ask a person twice, or change something twice.
 *
 * Requests are numbered from 1 and answered in order (RFC 9987). Memory does not grow with their number.
 */
export class Asked {
  #asked = 0;
  #answered = 0;
  /** The latest request that must not be asked twice. */
  #unrepeatable = 0;
  /** Something was said to the agent that may belong to the connection, and that we do not understand. */
  #strange = false;
  /** By the numbers of the requests: what binds the connection, or is to. */
  readonly #binds = new Map<number, Uint8Array>();
  /** How many binds were said again, whose answers the client has had already. */
  #known = 0;

  /** How many answers are due. */
  get due(): number {
    return this.#asked - this.#answered;
  }

  /** Books a whole request. */
  ask(request: Uint8Array): void {
    const number = ++this.#asked;
    if (isRequestIdentities(request)) return;
    if (isSessionBind(request) && request.length <= BIND_MAX && this.#binds.size < BINDS_MAX) {
      this.#binds.set(number, request);
      return;
    }
    this.#unrepeatable = number;
    this.#strange ||= messageType(request) === SSH_AGENTC_EXTENSION;
  }

  /** Books a request that has begun and can never be whole: an answer is due all the same. */
  askInVain(): void {
    this.#unrepeatable = ++this.#asked;
  }

  /** Books a whole answer; false when it is not for the client. Throws FailureError when what was bound is so no more. */
  answer(message: Uint8Array): boolean {
    if (this.#known > 0) {
      this.#known--;
      if (!isFailure(message)) return false;
      throw new FailureError(BOUND_NO_MORE);
    }
    if (this.due === 0) return true;
    this.#answered++;
    if (isFailure(message)) this.#binds.delete(this.#answered);
    return true;
  }

  /** Books an answer of our own to each request that waits for one. */
  answerAll(): void {
    this.#answered = this.#asked;
  }

  /**
   * What to say on another connection, so that it is like this one and answers what is due; from now on its answers
   * are expected. Undefined when that must not be.
   */
  again(): Uint8Array[] | undefined {
    if (this.#strange || this.#unrepeatable > this.#answered || this.due > AGAIN_MAX) return undefined;
    const known = [...this.#binds].filter(([number]) => number <= this.#answered).map(([, bind]) => bind);
    this.#known = known.length;
    const due = Array.from(
      {length: this.due},
      (_, index) => this.#binds.get(this.#answered + 1 + index) ?? REQUEST_IDENTITIES,
    );
    return [...known, ...due];
  }
}
