import type {Failure} from '../../shared/failure.ts';

/** How long the agent may take to be told what a client said that is gone, in milliseconds. */
const DEADLINE = 10_000;

const NOT_TAKEN: Failure = {
  reason: 'gone',
  message: `the client went away, and the agent did not take what it had said within ${DEADLINE / 1000} s`,
};

/** What a client said that is gone has its time to reach the agent. */
export class Legacy {
  #timer: NodeJS.Timeout | undefined;

  /** The time begins, unless it has begun; `late` is called when it is up. */
  begin(late: (failure: Failure) => void): void {
    this.#timer ??= setTimeout(() => late(NOT_TAKEN), DEADLINE);
  }

  /** It was delivered, or there is nobody to deliver it to. */
  over(): void {
    clearTimeout(this.#timer);
  }
}
