import type {BenchReport} from './report.ts';

/** A report for scripts; times to the microsecond, which is more than they mean. */
export function benchJson(report: BenchReport): string {
  const round = (_: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
  return `${JSON.stringify(report, round, 2)}\n`;
}
