const UNITS = {ms: 1, s: 1000, m: 60_000, h: 3_600_000} as const;

/** Node's timers overflow beyond this many milliseconds (24.8 days). */
const LONGEST = 2_147_483_647;

/** Milliseconds of "500ms", "90s", "10m", "1h" or a number of seconds; undefined when it is none. */
export function parseDuration(value: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(value).trim());
  if (match === null) return undefined;
  const milliseconds = Math.round(Number(match[1]) * UNITS[(match[2] ?? 's') as keyof typeof UNITS]);
  return milliseconds <= LONGEST ? milliseconds : undefined;
}
