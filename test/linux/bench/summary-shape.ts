import * as v from 'valibot';

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const amount = v.pipe(v.number(), v.minValue(0));

/** A Summary of linux/bench/summary.ts, in milliseconds, as it stands in JSON. */
export const summary = v.strictObject({
  count,
  min: amount,
  p50: amount,
  p90: amount,
  p99: amount,
  max: amount,
  mean: amount,
});
