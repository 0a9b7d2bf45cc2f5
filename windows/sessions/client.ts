import type {Failure} from '../../shared/failure.ts';

/** Whom a session serves: a channel of the relay, or the process's own stdio. */
export type Client = {
  /** A client that has ended, and then goes, is noticed: the session is released or destroyed. */
  readonly leavesVisibly?: true;
  /** Target number `index` answered after `elapsed` milliseconds. Said once, before any data. */
  opened(index: number, elapsed: number, detail: string): void;
  /** Sends; the bytes must not change afterwards. False means: no more until `drain`. */
  data(bytes: Uint8Array): boolean;
  /** Nothing more will be sent. */
  end(): void;
  /** Gives received bytes back: as many more may come. */
  consumed(count: number): void;
  /** The connection is over. The session must not be used any more. */
  fail(failure: Failure): void;
};

/** One client's connection to an agent, from the client's side. */
export type AgentSession = {
  data(bytes: Uint8Array): void;
  /** The client sends no more. */
  end(): void;
  /** The client takes data again. */
  drain(): void;
  /**
   * The client sends no more and takes no more: what was received is still delivered to the agent, within a bound,
   * then everything is dropped. `over` is called after that, unless `destroy` was.
   */
  release(over: () => void): void;
  /** Drops everything, at once and silently. Allowed at any time, any number of times. */
  destroy(): void;
};
