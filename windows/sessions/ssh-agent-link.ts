import {asFailure} from '../../shared/failure.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import type {AgentConnection} from '../targets/connection.ts';

/** Why no answer came. `unsent` means that the agent cannot have seen the whole request. */
export type LinkLoss = {unsent: boolean; midAnswer: boolean; malformed: string | undefined};

/** One connection to an ssh agent, on which one request at a time is asked. */
export class SshAgentLink {
  readonly oneRequest: boolean;
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
    const {stream} = connection;
    stream.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    // EPIPE on a read (Windows' 233), a reset and an end all mean the same: the agent has closed.
    stream.on('error', (error: NodeJS.ErrnoException) =>
      this.#lose(error.syscall === 'write' && error.code === 'EPIPE'),
    );
    stream.on('end', () => this.#lose(false));
    stream.on('close', () => this.#lose(false));
    stream.resume();
  }

  /** Sends a whole request in one write and gives the whole answer, or how the agent was lost. Never rejects. */
  ask(request: Uint8Array): Promise<Uint8Array | LinkLoss> {
    return new Promise(resolve => {
      this.#answered = resolve;
      if (this.#lost) {
        this.#settle({unsent: true, midAnswer: false, malformed: undefined});
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
        if (this.#answered === undefined) this.#lose(false);
        else this.#settle(answer);
      }
    } catch (error) {
      this.#lose(false, asFailure(error).message);
    }
  }

  #lose(unsent: boolean, malformed?: string): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#connection.stream.destroy();
    if (this.#answered === undefined) this.#idleLost();
    else this.#settle({unsent, midAnswer: this.#splitter.midMessage, malformed});
  }

  #settle(answer: Uint8Array | LinkLoss): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(answer);
  }
}
