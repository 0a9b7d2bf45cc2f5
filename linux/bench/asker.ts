import {connect, type Socket} from 'node:net';
import {countIdentities, REQUEST_IDENTITIES} from '../../shared/ssh-agent/identities.ts';
import {AgentMessageError} from '../../shared/ssh-agent/length.ts';
import {isFailure, messageType} from '../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';

/**
 * Why an agent did not answer: nothing is at the path, nobody listens there, it may not be used, it closed the connection,
 * what it said is no answer or too long for one, it answered SSH_AGENT_FAILURE, it said nothing in time, or another error of the system.
 */
export type AskReason =
  | 'absent'
  | 'refused'
  | 'denied'
  | 'ended'
  | 'malformed'
  | 'tooLong'
  | 'failed'
  | 'silent'
  | 'system';

export class AskError extends Error {
  readonly reason: AskReason;

  constructor(reason: AskReason, message: string) {
    super(message);
    this.name = 'AskError';
    this.reason = reason;
  }
}

export type AskerOptions = {
  /** How long connecting, and each answer, may take, in milliseconds. */
  deadline?: number;
};

/** Windows may be cold, or the agent may ask the person whether it is to be unlocked. */
const DEADLINE = 15_000;

/** How long after a full queue of connections the next attempt is made, in milliseconds. */
const AGAIN_MS = 1;

const REASONS: Record<string, AskReason> = {
  ENOENT: 'absent',
  ENOTDIR: 'absent',
  ECONNREFUSED: 'refused',
  EACCES: 'denied',
  EPERM: 'denied',
  ECONNRESET: 'ended',
  EPIPE: 'ended',
};

type Waiter = {resolve: () => void; reject: (error: AskError) => void};

/**
 * A connection to an agent's socket on which it is asked for its list of keys, one request at a time. It costs little, so
 * that what is measured is the other side: one timer for all of its requests, no promise but the one that is given away.
 */
export class Asker {
  readonly #path: string;
  readonly #deadline: number;
  readonly #timer: NodeJS.Timeout;
  #splitter = new MessageSplitter();
  #socket: Socket;
  #again: NodeJS.Timeout | undefined;
  #connecting: Waiter | undefined;
  #asking: Waiter | undefined;
  #over: AskError | undefined;
  #keys = 0;

  private constructor(path: string, {deadline = DEADLINE}: AskerOptions) {
    this.#path = path;
    this.#deadline = deadline;
    this.#timer = setTimeout(() => this.#late(), deadline);
    this.#socket = this.#open();
  }

  /** Resolves once the connection is there. Rejects with AskError. */
  static async connect(path: string, options: AskerOptions = {}): Promise<Asker> {
    const asker = new Asker(path, options);
    await new Promise<void>((resolve, reject) => {
      asker.#connecting = {resolve, reject};
    });
    return asker;
  }

  /** Does not wait: the first request goes out in the tick in which the connection is there. */
  static begin(path: string, options: AskerOptions = {}): Asker {
    return new Asker(path, options);
  }

  /** How many keys the last answer listed. */
  get keys(): number {
    return this.#keys;
  }

  /** Sends one request; resolves with its complete answer. Rejects with AskError, and the connection is over then. */
  ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) return reject(this.#over);
      if (this.#asking !== undefined) throw new Error('the answer before is still waited for');
      this.#asking = {resolve, reject};
      this.#timer.refresh();
      this.#socket.write(REQUEST_IDENTITIES);
    });
  }

  /** Ends the connection; what is still waited for is rejected. */
  close(): void {
    this.#end(new AskError('ended', 'the connection is closed'));
  }

  #open(): Socket {
    const socket = connect(this.#path);
    socket.on('connect', () => this.#connected());
    socket.on('data', (bytes: Uint8Array) => this.#take(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(error));
    socket.on('close', () => {
      if (socket === this.#socket && this.#again === undefined)
        this.#end(new AskError('ended', 'the connection was closed without an answer'));
    });
    return socket;
  }

  #connected(): void {
    this.#connecting?.resolve();
    this.#connecting = undefined;
  }

  #take(bytes: Uint8Array): void {
    try {
      for (const frame of this.#splitter.push(bytes)) this.#answered(frame);
    } catch (error) {
      this.#end(error instanceof AskError ? error : noAnswer(error as Error));
    }
  }

  #answered(frame: Uint8Array): void {
    const waiter = this.#asking;
    if (waiter === undefined) throw new AskError('malformed', 'it said something that nobody asked for');
    if (isFailure(frame)) throw new AskError('failed', 'it answered with SSH_AGENT_FAILURE');
    const keys = countIdentities(frame);
    if (keys === undefined)
      throw new AskError('malformed', `its answer, message ${messageType(frame)}, is no list of keys`);
    this.#keys = keys;
    this.#asking = undefined;
    waiter.resolve();
  }

  /** A full queue of connections is waited for, as those clients do who wait in connect(). */
  #lost(error: NodeJS.ErrnoException): void {
    if (error.code !== 'EAGAIN' || error.syscall !== 'connect' || this.#over !== undefined) {
      this.#end(new AskError(REASONS[error.code ?? ''] ?? 'system', error.message));
      return;
    }
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#socket = this.#open();
      if (this.#asking !== undefined) this.#socket.write(REQUEST_IDENTITIES);
    }, AGAIN_MS);
  }

  #late(): void {
    if (this.#connecting === undefined && this.#asking === undefined) return;
    const what = this.#connecting === undefined ? 'no answer' : 'no connection';
    this.#end(new AskError('silent', `${what} within ${this.#deadline / 1000} s`));
  }

  #end(error: AskError): void {
    this.#over ??= error;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#socket.destroy();
    const waiters = [this.#connecting, this.#asking];
    this.#connecting = undefined;
    this.#asking = undefined;
    for (const waiter of waiters) waiter?.reject(this.#over);
  }
}

function noAnswer(error: Error): AskError {
  const tooLong = error instanceof AgentMessageError && error.fault === 'long';
  return new AskError(tooLong ? 'tooLong' : 'malformed', error.message);
}

/**
 * Connects and asks; `elapsed` is milliseconds from before connect() to the complete answer. Who calls closes the asker.
 * Rejects with AskError, and nothing is left open then.
 */
export async function firstAnswer(
  path: string,
  options: AskerOptions = {},
): Promise<{asker: Asker; elapsed: number}> {
  const begun = performance.now();
  const asker = Asker.begin(path, options);
  await asker.ask();
  return {asker, elapsed: performance.now() - begun};
}
