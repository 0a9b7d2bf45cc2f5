import type {Failure} from '../../shared/failure.ts';

/** How long the agent may take to be told what a client said that is gone, in milliseconds. */
const DEADLINE = 10_000;

/** Why a channel is given up whose client is gone. */
export const CLIENT_GONE: Failure = {reason: 'gone', message: 'the client went away'};

const NOT_TAKEN: Failure = {
  reason: 'gone',
  message: `the client went away, and the agent did not take what it had said within ${DEADLINE / 1000} s`,
};

/** What a client said that is gone has its time to reach the agent. */
export class Legacy {
  readonly #late: (failure: Failure) => void;
  #timer: NodeJS.Timeout | undefined;

  /** `late` is called when the time is up. */
  constructor(late: (failure: Failure) => void) {
    this.#late = late;
  }

  /** The time begins, unless it has begun. */
  begin(): void {
    this.#timer ??= setTimeout(() => this.#late(NOT_TAKEN), DEADLINE);
  }

  /** It was delivered, or there is nobody to deliver it to. */
  over(): void {
    clearTimeout(this.#timer);
  }
}
