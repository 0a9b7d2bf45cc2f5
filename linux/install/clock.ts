/** Now, in milliseconds of CLOCK_MONOTONIC, by which systemd and the journal tell times too and which nobody sets. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
