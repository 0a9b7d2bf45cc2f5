import type {Failure} from '../../shared/failure.ts';
import {HINT, linesOf, oneLine} from '../../shared/text.ts';

/** What there is to say about a connection that is over. Times in milliseconds. */
export type ConnectionRecord = {
  /** `ENDPOINT#NUMBER` */
  name: string;
  /** Which target answered, and what exactly there; undefined when none was reached. */
  answered: {target: string; elapsed: number; detail: string} | undefined;
  /** For a helper. */
  waited: number;
  duration: number;
  /** From the client. */
  bytesIn: number;
  /** To the client. */
  bytesOut: number;
  /** Why it ended, when it ended well. */
  end: string;
  failure: Failure | undefined;
};

/** The record of a connection that has just begun. */
export function newRecord(name: string): ConnectionRecord {
  return {
    name,
    answered: undefined,
    waited: 0,
    duration: 0,
    bytesIn: 0,
    bytesOut: 0,
    end: 'client closed',
    failure: undefined,
  };
}

/** A connection's one line in the journal. Holds no payload. */
export function connectionLine(record: ConnectionRecord): string {
  const {name, answered, waited, duration, bytesIn, bytesOut, end, failure} = record;
  const traffic = `${seconds(duration)}, ${bytesIn} B in, ${bytesOut} B out`;
  const first = answered === undefined ? '' : `${answeredText(answered)}${waitedText(waited)}; `;
  return `${name}: ${first}${traffic}; ${failure === undefined ? end : failureText(failure)}`;
}

/** A failure and each line of what to do about it, on one line (read again by linux/install/last-words.ts). */
export function failureText({reason, message, hint}: Failure): string {
  // what others wrote into a message must not look like a hint of ours
  const text = oneLine(message, 600).replaceAll(HINT, ', hint: ') || reason;
  return [text, ...linesOf(hint ?? '').map(line => oneLine(line))].join(HINT);
}

function answeredText({target, elapsed, detail}: NonNullable<ConnectionRecord['answered']>): string {
  const exactly = detail === '' || target.endsWith(detail) ? '' : ` (${oneLine(detail)})`;
  return `${oneLine(target)}${exactly} answered in ${elapsed} ms`;
}

/** Worth a word only when there was no helper ready. */
function waitedText(waited: number): string {
  return waited < 10 ? '' : ` after ${seconds(waited)} for a helper`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
