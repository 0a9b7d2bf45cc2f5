/** Test counts of one or more runs. */
export interface Counts {
  passed: number;
  failed: number;
}

/**
 * Reads ava's TAP line by line. `line` gives what to show a person for it, or nothing; `counts` is right once the
 * last line is in: ava's own totals also hold tests that never came to an end.
 */
export class TapReader {
  readonly #seen: Counts = {passed: 0, failed: 0};
  readonly #told: Counts = {passed: 0, failed: 0};

  get counts(): Counts {
    return {
      passed: Math.max(this.#seen.passed, this.#told.passed),
      failed: Math.max(this.#seen.failed, this.#told.failed),
    };
  }

  line(text: string): string | undefined {
    const test = /^(not )?ok \d+ - (.*)$/.exec(text);
    if (test !== null) {
      const passed = test[1] === undefined;
      this.#seen[passed ? 'passed' : 'failed'] += 1;
      return `  ${passed ? '✔' : '✘'} ${test[2]}`;
    }
    const total = /^# (pass|fail) (\d+)$/.exec(text);
    if (total !== null) {
      this.#told[total[1] === 'pass' ? 'passed' : 'failed'] = Number(total[2]);
      return undefined;
    }
    return /^(TAP version \d+|\d+\.\.\d+|# tests \d+|)$/.test(text) ? undefined : text;
  }
}
