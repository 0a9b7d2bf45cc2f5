import {HINT, oneLine} from '../../shared/text.ts';
import type {JournalLine} from './journal-lines.ts';
import {RELAY_SERVICE} from './units.ts';

/** Why somebody was not served, and what was said to do about it, a line each. */
export type Reason = {reason: string; hint?: string};

/** What became of an endpoint's last client. Its times are those of the line. */
export type LastWord = Pick<JournalLine, 'at' | 'monotonic'> & ({served: true} | ({served: false} & Reason));

/** Since when lines count, in milliseconds of CLOCK_MONOTONIC, by endpoint; of others nothing is looked for. */
export type Since = ReadonlyMap<string, number>;

/** How systemd marks its lines about a unit (sd-messages.h). A user manager is silent about an end that is well. */
const UNIT_STARTED = '39f53479d3a045ac8e11786248231fbf';
const UNIT_FAILED = 'd9b373ed55a64feb8242e02dbe79a49c';

const WARNING = 4;

/** How the relay's lines about a connection that is over begin and go on (linux/relay/journal.ts). */
const CONNECTION = /^([a-z0-9-]+)#\d+: (.*?)\d+ B in, \d+ B out; (.*)$/s;

/** The last word of each endpoint that the relay serves; one that nobody has used is left out. Newest line first. Pure. */
export function wordsOfRelay(lines: readonly JournalLine[], since: Since): Map<string, LastWord> {
  const words = new Map<string, LastWord>();
  for (const {unit, message, at, monotonic, priority} of lines) {
    const [, name = '', first = '', end = ''] =
      unit === RELAY_SERVICE ? (CONNECTION.exec(message) ?? []) : [];
    if (words.has(name) || monotonic < (since.get(name) ?? Number.POSITIVE_INFINITY)) continue;
    if (priority <= WARNING) words.set(name, {at, monotonic, served: false, ...split(end)});
    // a client that came and asked nothing is no word
    else if (first.includes(' answered in ')) words.set(name, {at, monotonic, served: true});
  }
  return words;
}

/**
 * The same for direct mode, where each connection has a unit: systemd says that it began and whether it failed, and the
 * helper before that why. Of units that are `running` nobody knows yet. Pure.
 */
export function wordsOfInstances(
  lines: readonly JournalLine[],
  since: Since,
  running: ReadonlySet<string>,
): Map<string, LastWord> {
  const words = new Map<string, LastWord>();
  for (const [index, {unit, id, at, monotonic}] of lines.entries()) {
    const name = /^wslagent-([a-z0-9-]+)@/.exec(unit)?.[1] ?? '';
    if (words.has(name) || monotonic < (since.get(name) ?? Number.POSITIVE_INFINITY)) continue;
    if (id === UNIT_STARTED && !running.has(unit)) words.set(name, {at, monotonic, served: true});
    if (id !== UNIT_FAILED) continue;
    const earlier = lines.slice(index).filter(line => line.unit === unit);
    const said = errorOf('wslagent-helper', earlier) ?? {reason: 'the helper failed without a word'};
    words.set(name, {at, monotonic, served: false, ...said});
  }
  return words;
}

/** Why the relay's last start failed, as it said itself; undefined when it went well or is older. Newest line first. Pure. */
export function startFailure(lines: readonly JournalLine[], since: number): Reason | undefined {
  const own = lines.filter(({unit, monotonic}) => unit === RELAY_SERVICE && monotonic >= since);
  const last = own.findIndex(
    ({message}) => /^wslagent: error: | listening on /.test(message) || CONNECTION.test(message),
  );
  const failed = own[last]?.message.startsWith('wslagent: error: ') === true;
  return failed ? errorOf('wslagent', own) : undefined;
}

/** The last error that a program said, with the hints that follow it. */
function errorOf(program: string, newestFirst: readonly JournalLine[]): Reason | undefined {
  const [error, hint] = [`${program}: error: `, `${program}: hint: `];
  const at = newestFirst.findIndex(({message}) => message.startsWith(error));
  if (at < 0) return undefined;
  const later = newestFirst.slice(0, at).toReversed();
  const end = later.findIndex(({message}) => !message.startsWith(hint));
  const hints = (end < 0 ? later : later.slice(0, end)).map(({message}) => message.slice(hint.length));
  return withHints(newestFirst[at]?.message.slice(error.length) ?? '', hints);
}

/** A reason and its hints, as `failureText` joins them. */
function split(text: string): Reason {
  const [reason = '', ...hints] = text.split(HINT);
  return withHints(reason, hints);
}

function withHints(reason: string, hints: readonly string[]): Reason {
  const text = oneLine(reason, 1000);
  return hints.length === 0
    ? {reason: text}
    : {reason: text, hint: hints.map(hint => oneLine(hint, 1000)).join('\n')};
}
