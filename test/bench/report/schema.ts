/** What a run of the benchmark leaves in `test/bench/results/`. A change of meaning is a new `format`. */
import * as v from 'valibot';
import {amount, count, summary} from '../../linux/bench/summary-shape.ts';

export const FORMAT = 1;

/** Bytes, and how many processes have them; `own` is what is neither shared nor part of a program's image. */
const memory = v.strictObject({processes: count, pss: amount, anonymous: amount, own: amount});

const of = {server: v.picklist(['nothing', 'pageant']), way: v.string()};

const latency = v.strictObject({
  question: v.picklist(['fresh', 'idle', 'first', 'spaced', 'second']),
  ...of,
  /** Absent when nothing went well. */
  ms: v.optional(summary),
  failures: count,
});

const burst = v.strictObject({
  question: v.literal('burst'),
  ...of,
  size: count,
  ms: summary,
  /** Connections without an answer, of `connections` in all rounds. */
  failures: count,
  connections: count,
});

const held = v.strictObject({
  question: v.literal('held'),
  ...of,
  size: count,
  failures: count,
  linux: memory,
  windows: memory,
  wineserver: memory,
  /** A new connection beside those that are held. */
  ms: v.optional(summary),
  newFailures: count,
});

/** CPU seconds for each GiB. */
const cpu = v.strictObject({linux: amount, windows: amount, wineserver: amount});

const stream = v.strictObject({
  question: v.literal('stream'),
  ...of,
  direction: v.picklist(['in', 'out', 'both']),
  write: count,
  channels: count,
  /** The median of the blocks, all connections and both ways together. */
  mebibytesPerSecond: amount,
  blocks: count,
  cpu,
});

/** Everything of a way after so many connections, once it has come to rest. */
const checkpoint = v.strictObject({connections: count, memory, wineserver: memory, descriptors: count});

const long = v.strictObject({
  question: v.literal('long'),
  ...of,
  connections: count,
  failures: count,
  checkpoints: v.array(checkpoint),
  grows: v.array(v.string()),
});

const result = v.variant('question', [latency, burst, held, stream, long]);

export const runSchema = v.strictObject({
  format: v.literal(FORMAT),
  date: v.pipe(v.string(), v.isoTimestamp()),
  commit: v.string(),
  /** The tree had changes that no commit has. */
  changed: v.boolean(),
  /** The flags after `npm run bench --`. */
  flags: v.array(v.string()),
  quick: v.boolean(),
  machine: v.strictObject({cpu: v.string(), cores: count, memory: amount, kernel: v.string()}),
  versions: v.record(v.string(), v.string()),
  seconds: amount,
  leftOut: v.array(v.strictObject({what: v.string(), why: v.string()})),
  results: v.array(result),
});

export type Memory = v.InferOutput<typeof memory>;
export type Checkpoint = v.InferOutput<typeof checkpoint>;
export type Result = v.InferOutput<typeof result>;
export type ResultOf<Q extends Question, R extends Result = Result> = R extends unknown
  ? Q extends R['question']
    ? R
    : never
  : never;
export type Question = Result['question'];
export type Server = Result['server'];
export type Run = v.InferOutput<typeof runSchema>;

/** Reads a file of results. Throws when it is none of this format. */
export function parseRun(text: string): Run {
  return v.parse(runSchema, JSON.parse(text));
}
