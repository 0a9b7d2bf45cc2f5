import type {Failure} from '../../shared/failure.ts';
import type {Session} from '../../shared/protocol/session.ts';
import type {GatheredWriter} from './gathered-writer.ts';

/** What a channel tells its connection. */
export type ChannelEvents = {
  /** Target number `target` of the list answered after `elapsed` ms; `detail` is what exactly answered. */
  opened(target: number, elapsed: number, detail: string): void;
  /** Each byte is given back with `consumed` once the client has it. */
  data(bytes: Uint8Array): void;
  /** The agent sends no more. */
  end(): void;
  /** The client may be read again after `data` returned false. */
  drain(): void;
  /** The helper says nothing any more: who can had better give the channel up and take another helper. Told once. */
  doubted(): void;
  /** The channel is over; the failure says why when it did not end well. Nothing follows. */
  closed(failure: Failure | undefined): void;
};

/** One connection's way through a helper: the session's calls, and the pipe's back-pressure added to the credit's. */
export class HelperChannel {
  readonly events: ChannelEvents;
  readonly #session: Session;
  readonly #writer: GatheredWriter;
  readonly #id: number;
  readonly #over: (id: number) => void;
  #lacksCredit = false;
  #reached = false;

  /** `over` is called when our side gives the channel up. */
  constructor(
    session: Session,
    writer: GatheredWriter,
    id: number,
    events: ChannelEvents,
    over: (id: number) => void,
  ) {
    this.#session = session;
    this.#writer = writer;
    this.#id = id;
    this.events = events;
    this.#over = over;
  }

  /** An agent was reached: it may have been asked what the client has said. */
  get reached(): boolean {
    return this.#reached;
  }

  /** The helper has said that target number `target` answered. */
  opened(target: number, elapsed: number, detail: string): void {
    this.#reached = true;
    this.events.opened(target, elapsed, detail);
  }

  /** Whether the client may be read. */
  get takesMore(): boolean {
    return !this.#lacksCredit && !this.#writer.full;
  }

  /** Sends bytes, which must not change afterwards; false means: pause the client until `drain`. */
  data(bytes: Uint8Array): boolean {
    this.#lacksCredit = !this.#session.data(this.#id, bytes);
    return this.takesMore;
  }

  /** The client sends no more. */
  end(): void {
    this.#session.end(this.#id);
  }

  /** The client has taken `count` bytes. */
  consumed(count: number): void {
    this.#session.consumed(this.#id, count);
  }

  /** Nobody takes answers any more, but what was sent is to be delivered. Only `closed` follows. */
  abandon(failure: Failure): void {
    this.#session.abandon(this.#id, failure);
  }

  /** Gives the channel up; no event follows. */
  reset(failure: Failure): void {
    this.#session.reset(this.#id, failure);
    this.#over(this.#id);
  }

  /** The helper gave credit for everything that waited. */
  credited(): void {
    this.#lacksCredit = false;
    this.flowing();
  }

  /** The pipe to the helper takes more again. */
  flowing(): void {
    if (this.takesMore) this.events.drain();
  }
}
