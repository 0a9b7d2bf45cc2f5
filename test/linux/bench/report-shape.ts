/** What docs/json.md says of `wslagent bench --json`, as a schema that knows no other fields. */
import * as v from 'valibot';
import {amount, count, summary} from './summary-shape.ts';

const ms = v.nullable(summary);
const timed = v.strictObject({failures: count, ms});
const memory = v.nullable(
  v.strictObject({
    pid: count,
    program: v.string(),
    pss: count,
    started: v.strictObject({processes: count, pss: count}),
  }),
);

const schema = v.strictObject({
  version: v.string(),
  sockets: v.array(
    v.strictObject({
      endpoint: v.nullable(v.string()),
      socket: v.pipe(v.string(), v.startsWith('/')),
      keys: count,
      first: amount,
      second: timed,
      warm: timed,
      throughput: v.array(
        v.strictObject({connections: count, requests: count, failures: count, perSecond: amount}),
      ),
      bursts: v.array(v.strictObject({connections: count, rounds: count, failures: count, ms})),
      memory,
      held: v.array(v.strictObject({connections: count, failures: count, fresh: timed, memory})),
      requests: count,
      failures: count,
      reasons: v.array(v.string()),
      leftOut: v.array(v.string()),
    }),
  ),
});

/** The names of all fields, at any depth. */
export const REPORT_FIELDS: readonly string[] = [
  ...Object.keys(schema.entries),
  ...Object.keys(schema.entries.sockets.item.entries),
];

/** Reads a report; throws when it has not exactly these fields. */
export function parseReport(text: string): v.InferOutput<typeof schema> {
  return v.parse(schema, JSON.parse(text));
}
