import type {Outcome} from './harness.ts';

const STAMP = /^[0-9]{4}\/[0-9]{2}\/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} /;

/** The log without its time stamps, which every line must have. */
export function logged(
  t: {regex(text: string, pattern: RegExp): unknown},
  {stderr}: Pick<Outcome, 'stderr'>,
): string[] {
  const found = stderr.trimEnd().split('\n');
  for (const line of found) t.regex(line, STAMP);
  return found.map(line => line.replace(STAMP, ''));
}
