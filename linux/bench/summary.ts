/** What many measurements of the same thing come to, in milliseconds; `count` is how many there were. */
export type Summary = {
  count: number;
  min: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
  mean: number;
};

/**
 * Summarizes at least one sample, in milliseconds. Percentiles are samples themselves (nearest rank), so nothing is shown
 * that was not seen. Throws RangeError without a sample.
 */
export function summarize(samples: readonly number[]): Summary {
  const sorted = Float64Array.from(samples).sort();
  const rank = (percent: number) => sorted[Math.ceil((percent * sorted.length) / 100) - 1];
  const [min, max] = [sorted.at(0), sorted.at(-1)];
  const [p50, p90, p99] = [rank(50), rank(90), rank(99)];
  if (min === undefined || max === undefined || p50 === undefined || p90 === undefined || p99 === undefined)
    throw new RangeError('nothing was measured');
  const sum = sorted.reduce((total, sample) => total + sample, 0);
  return {count: sorted.length, min, p50, p90, p99, max, mean: sum / sorted.length};
}
