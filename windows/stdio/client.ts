import type {Failure} from '../../shared/failure.ts';
import type {AgentSession, Client} from '../sessions/client.ts';
import {type Reader, readDescriptor} from './reader.ts';
import {Writer} from './writer.ts';

/** How many bytes may wait in either direction before their source is paused. */
const WINDOW = 256 * 1024;

/** How a connection on stdio came to its end. */
export type StdioEnd = {kind: 'ended'} | {kind: 'clientGone'} | {kind: 'failed'; failure: Failure};

/**
 * The process's own stdin and stdout as the client of one session: raw bytes, as npiperelay has them. Linux sees
 * the end of stdout only when this process exits, so an end of the agent is the end of all.
 */
export class StdioClient implements Client {
  readonly #output: Writer;
  readonly #over: (end: StdioEnd) => void;
  #session: AgentSession | undefined;
  #input: Reader | undefined;
  #unconsumed = 0;
  #full = false;
  #finished = false;

  /** `over` is called once, when everything is written. */
  constructor(over: (end: StdioEnd) => void) {
    this.#over = over;
    this.#output = new Writer(1, () => this.#finish({kind: 'clientGone'}));
  }

  /** Begins to read. */
  start(session: AgentSession): void {
    this.#session = session;
    this.#input = readDescriptor(0, {
      data: chunk => {
        this.#unconsumed += chunk.length;
        if (this.#unconsumed > WINDOW) this.#input?.pause();
        session.data(chunk);
      },
      end: () => session.end(),
      failed: () => this.#finish({kind: 'clientGone'}),
    });
  }

  opened(): void {}

  data(bytes: Uint8Array): boolean {
    this.#output.write(bytes, () => {
      if (!this.#full || this.#output.pending > WINDOW) return;
      this.#full = false;
      this.#session?.drain();
    });
    this.#full = this.#output.pending > WINDOW;
    return !this.#full;
  }

  end(): void {
    this.#finish({kind: 'ended'});
  }

  consumed(count: number): void {
    this.#unconsumed -= count;
    if (this.#unconsumed <= WINDOW) this.#input?.resume();
  }

  fail(failure: Failure): void {
    this.#finish({kind: 'failed', failure});
  }

  /** Sends something after the session's last word. */
  say(bytes: Uint8Array): Promise<void> {
    this.#output.write(bytes);
    return this.#output.flushed();
  }

  /** An agent that has ended may still take what was read for it. */
  #release(): Promise<void> {
    return new Promise(resolve => {
      if (this.#session === undefined) resolve();
      else this.#session.release(resolve);
    });
  }

  #finish(end: StdioEnd): void {
    if (this.#finished) return;
    this.#finished = true;
    const delivered = end.kind === 'ended' ? this.#release() : this.#session?.destroy();
    void Promise.all([delivered, this.#output.flushed()]).then(() => this.#over(end));
  }
}
