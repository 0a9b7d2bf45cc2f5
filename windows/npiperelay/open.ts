import {setTimeout as sleep} from 'node:timers/promises';
import {asFailure, type Failure} from '../../shared/failure.ts';
import {isTargetError, parseTarget, type Target} from '../../shared/target.ts';
import type {AgentConnection} from '../targets/connection.ts';
import {reach} from '../targets/reach.ts';
import type {Flag} from './flags.ts';

/** npiperelay's pause between two polls, and how many there are with -l; pause in milliseconds. */
const POLL_MS = 200;
const POLLS = 300;

/** Windows' own sentences for what a script may look for. */
const SENTENCES: Partial<Record<Failure['reason'], string>> = {
  absent: 'The system cannot find the file specified.',
  denied: 'Access is denied.',
  busy: 'All pipe instances are busy.',
};

export type Opened = {target: Target; connection: AgentConnection};

/**
 * Connects as npiperelay does, polling with -p. Gives the text of its fatal line when that fails. Without -p it is
 * gentler than the original, which gives up on a pipe that is busy for a moment.
 */
export async function openTarget(text: string, flags: ReadonlySet<Flag>): Promise<Opened | string> {
  const target = parseTarget(text);
  // The original opens disk files, too, and overwrites them.
  if (isTargetError(target)) return `open ${text}: not a named pipe: ${target.error}`;
  const options = {protocol: 'raw', signal: new AbortController().signal, launch: true} as const;
  for (let attempt = 0; ; attempt++) {
    try {
      const {connection} = await reach([target], options);
      return {target, connection};
    } catch (error) {
      const failure = asFailure(error);
      const retry = failure.reason === 'absent' || failure.reason === 'busy' || failure.reason === 'refused';
      if (!flags.has('p') || !retry || (flags.has('l') && attempt >= POLLS))
        return `open ${text}: ${SENTENCES[failure.reason] ?? failure.message}`;
      await sleep(POLL_MS);
    }
  }
}
