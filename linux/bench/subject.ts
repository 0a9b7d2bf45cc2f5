import {AskError, type Asker, firstAnswer} from './asker.ts';

/** How long an answer may take once the first one came, in milliseconds. */
const ANSWER_MS = 5000;

/** After so many failures in one question no more is asked, so that a socket's own limits are not hit. */
export const FAILURES_MAX = 10;

/** A socket that is being measured: what was asked of it so far, and how long it may go on. */
export class Subject {
  readonly path: string;
  readonly #until: number;
  readonly #patience: number;
  readonly #reasons = new Set<string>();
  #silent = false;
  #requests = 0;
  #failures = 0;

  /** Asked for `ms` milliseconds from now on; the last answer may take `patience` longer, as each of them may. */
  constructor(path: string, ms: number, patience: number = ANSWER_MS) {
    this.path = path;
    this.#patience = patience;
    this.#until = performance.now() + ms;
  }

  get requests(): number {
    return this.#requests;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Why requests were not answered, each reason once. */
  get reasons(): string[] {
    return [...this.#reasons];
  }

  /** Why nothing more is to be asked; undefined while there is time, and answers come. */
  get over(): string | undefined {
    if (this.#silent) return `an answer did not come within ${this.#patience / 1000} s`;
    return performance.now() < this.#until ? undefined : 'there was no time left';
  }

  /** Connects and asks; `elapsed` is from connect to answer. Undefined when that failed, which is counted. */
  async connect(): Promise<{asker: Asker; elapsed: number} | undefined> {
    this.#requests++;
    try {
      return await firstAnswer(this.path, {deadline: this.#patience});
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Connects, asks and leaves; how long the answer took, in milliseconds. Undefined when that failed. */
  async visit(): Promise<number | undefined> {
    const first = await this.connect();
    first?.asker.close();
    return first?.elapsed;
  }

  /** Asks once more on a connection; milliseconds, or undefined when that failed. */
  async ask(asker: Asker): Promise<number | undefined> {
    this.#requests++;
    const begun = performance.now();
    try {
      await asker.ask();
      return performance.now() - begun;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): undefined {
    if (!(error instanceof AskError)) throw error;
    this.#failures++;
    this.#reasons.add(error.message);
    this.#silent ||= error.reason === 'silent';
  }
}
