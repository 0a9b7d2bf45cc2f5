import type {Duplex} from 'node:stream';
import {type Failure, FailureError} from '../../shared/failure.ts';

/** What has to be heard from a server before the stream is the client's. */
export type OpeningWords<T> = {
  /**
   * Takes what came. Gives the result when that is all, a failure when it is wrong, undefined when more must come;
   * `more` gives the server as much time again.
   */
  take(chunk: Uint8Array, more: () => void): {done: T} | {failure: Failure} | undefined;
  /** Why there is no result: the server closed, or was silent for too long. */
  missing(how: 'closed' | 'silent'): Failure;
};

/**
 * Listens to a new connection until its server's opening words are complete, for `milliseconds` at most, and leaves it
 * paused. Throws FailureError, or the signal's reason, and destroys the stream.
 */
export function openingWords<T>(
  stream: Duplex,
  milliseconds: number,
  signal: AbortSignal,
  {take, missing}: OpeningWords<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      stream.off('data', onData);
      for (const event of ['end', 'close', 'error']) stream.off(event, onClosed);
    };
    const fail = (error: unknown): void => {
      finish();
      stream.destroy();
      reject(error);
    };
    const refuse = (failure: Failure): void => fail(new FailureError(failure));
    const onData = (chunk: Uint8Array): void => {
      const heard = take(chunk, () => timer.refresh());
      if (heard === undefined) return;
      if ('failure' in heard) {
        refuse(heard.failure);
        return;
      }
      finish();
      stream.pause();
      resolve(heard.done);
    };
    const onClosed = (): void => refuse(missing('closed'));
    const onAbort = (): void => fail(signal.reason);
    const timer = setTimeout(() => refuse(missing('silent')), milliseconds);
    signal.addEventListener('abort', onAbort, {once: true});
    stream.on('data', onData);
    for (const event of ['end', 'close', 'error']) stream.on(event, onClosed);
    stream.resume();
  });
}
