/** Test results of one or more runs. */
export interface Counts {
  passed: number;
  /** One line for each that failed. */
  failures: string[];
}

/**
 * Counts results in what ava 8 prints, one line each: `✔` for a test that passed, `✘` for one that failed, and
 * for every other trouble (a hook, a file that crashed or never ended). Its closing summary does not tell how
 * many passed when others failed, and its TAP leaves out where a test failed.
 */
export function countResults(lines: readonly string[]): Counts {
  return {
    passed: lines.filter(line => line.startsWith('  ✔ ')).length,
    failures: lines.filter(line => line.startsWith('  ✘ ')),
  };
}
