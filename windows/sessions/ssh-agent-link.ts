import {type Failure, FailureError} from '../../shared/failure.ts';
import {AgentMessageError} from '../../shared/ssh-agent/length.ts';
import {MESSAGE_MAX} from '../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import type {AgentConnection} from '../targets/connection.ts';

/**
 * Why no answer came. `unsent` means that the agent cannot have seen the whole request, `malformed` that what came is no
 * answer; `failure` is what is known of it besides.
 */
export type LinkLoss = {
  unsent: boolean;
  midAnswer: boolean;
  malformed: boolean;
  failure: Failure | undefined;
};

const NOTHING_KNOWN: LinkLoss = {unsent: false, midAnswer: false, malformed: false, failure: undefined};

/** One connection to an ssh agent, on which one request at a time is asked. */
export class SshAgentLink {
  readonly oneRequest: boolean;
  /** The agent serves no other client while this connection lasts. */
  readonly turn: AgentConnection['turn'];
  readonly #connection: AgentConnection;
  readonly #splitter = new MessageSplitter();
  readonly #idleLost: () => void;
  #answered: ((answer: Uint8Array | LinkLoss) => void) | undefined;
  #preamble: Uint8Array | undefined;
  #lost = false;

  /** `idleLost` is called when the agent closes while nothing was asked. */
  constructor(connection: AgentConnection, idleLost: () => void) {
    this.#connection = connection;
    this.#idleLost = idleLost;
    this.#preamble = connection.preamble;
    this.oneRequest = connection.oneRequest ?? false;
    this.turn = connection.turn;
    const {stream} = connection;
    stream.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    // EPIPE on a read (Windows' 233), a reset and an end all mean the same: the agent has closed.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof FailureError) this.#lose({failure: error.failure});
      else this.#lose({unsent: error.syscall === 'write' && error.code === 'EPIPE'});
    });
    stream.on('end', () => this.#lose());
    stream.on('close', () => this.#lose());
    stream.resume();
  }

  /** Sends a whole request in one write and gives the whole answer, or how the agent was lost. Never rejects. */
  ask(request: Uint8Array): Promise<Uint8Array | LinkLoss> {
    return new Promise(resolve => {
      this.#answered = resolve;
      if (this.#lost) {
        this.#settle({...NOTHING_KNOWN, unsent: true});
        return;
      }
      const bytes = this.#preamble === undefined ? request : Buffer.concat([this.#preamble, request]);
      this.#preamble = undefined;
      this.#connection.stream.write(bytes);
    });
  }

  destroy(): void {
    this.#answered = undefined;
    this.#lost = true;
    this.#connection.stream.destroy();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#lost) return;
    try {
      for (const answer of this.#splitter.push(chunk)) {
        // An answer that nobody asked for: what follows on this connection cannot be trusted.
        if (this.#answered === undefined) this.#lose();
        else this.#settle(answer);
      }
    } catch (error) {
      this.#lose({malformed: true, failure: noAnswer(error)});
    }
  }

  #lose(why: Partial<LinkLoss> = {}): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#connection.stream.destroy();
    if (this.#answered === undefined) this.#idleLost();
    else this.#settle({...NOTHING_KNOWN, ...why, midAnswer: this.#splitter.midMessage});
  }

  #settle(answer: Uint8Array | LinkLoss): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(answer);
  }
}

/** What is wrong with what came in an answer's place. Quotes nothing of it: it may be the secret that was sent before. */
function noAnswer(error: unknown): Failure {
  if (!(error instanceof AgentMessageError)) throw error;
  if (error.fault === 'long')
    return {
      reason: 'tooLong',
      message: `the agent's answer is longer than ${MESSAGE_MAX} bytes, which no ssh client takes: it has too many keys, or certificates`,
      hint: 'take keys out of the agent on windows',
    };
  return {
    reason: 'badGreeting',
    message: `who answered is no ssh agent: ${error.message}`,
    hint: 'wslagent probe',
  };
}
