import {FailureError} from '../../shared/failure.ts';
import type {ConnectOptions} from './connection.ts';
import type {OpenedPipe, PipePlace, PipeSystem} from './pipe.ts';
import {busyPipe} from './pipe-failure.ts';
import {Places} from './places.ts';

/** The longest that we wait for a busy server in one call, in milliseconds: Windows cannot be told to stop waiting. */
const WAIT_MS = 250;

/**
 * The pipes whose servers do not keep others out while they serve a client, as far as we have seen: no turns are taken
 * there, which saves several calls and, between helpers, pauses. In each of them one at a time is connected, because
 * a server that makes its next instance when the last is taken (Pageant) has room for one.
 */
const known = new Map<string, Places>();

/** Notes that turns are not needed at this pipe. */
export function noteRoomy(pipe: string): void {
  if (!known.has(pipe)) known.set(pipe, new Places(1));
}

/**
 * Connects to a pipe without a turn, waiting in order while it is busy, until `deadline` (on the clock of
 * `performance.now()`). Undefined when that is not known to be harmless, or did not go well. Throws FailureError `busy`.
 */
export async function openRoomy(
  pipe: string,
  place: PipePlace,
  deadline: number,
  {signal, once}: ConnectOptions,
  pipes: PipeSystem,
): Promise<OpenedPipe | undefined> {
  const line = known.get(pipe);
  if (line === undefined) return undefined;
  if (!(await line.take(signal, deadline))) throw new FailureError(busyPipe(place.path));
  try {
    for (;;) {
      const left = deadline - performance.now();
      const opened = await pipes.open(place, left, signal);
      if ('stream' in opened && !opened.servesOne) return opened;
      if ('stream' in opened || opened.reason !== 'busy' || once) {
        known.delete(pipe);
        return 'stream' in opened ? opened : undefined;
      }
      if (left <= 0) throw new FailureError(opened);
      await pipes.room(place.path, Math.min(left, WAIT_MS), signal);
      signal.throwIfAborted();
    }
  } finally {
    line.give();
  }
}
