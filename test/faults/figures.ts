/** What a question of `npm run faults` is asked with, and what it gives: the lines of the table in docs/reliability.md. */

/** One line of the table. What was done `tried` times lost so much of what it should keep, and left so much behind. */
export type Figure = {
  /** What was done, and to what: "a helper killed under 16 clients", "ENOSPC at a file operation of install". */
  what: string;
  /** How often. */
  tried: number;
  /** Requests without the right answer, edits overwritten, clients closed without a word: whatever a person would miss. */
  lost: number;
  /** The most that may be lost: 0, unless the goal says otherwise. */
  mayLose?: number;
  /** Files, processes, descriptors, mounts that stay behind; none may. */
  left: number;
  /** What else was counted or measured, in a few words: "4,210 requests, the next answer within 38 ms". */
  seen?: string;
};

export type Figures = {
  lines: Figure[];
  /**
   * What went wrong, a sentence each, with what is needed to make it happen again (a seed, an offset). Whoever lost or
   * left something says here what; a goal that no line counts, such as memory that grows, is a finding too.
   */
  findings: string[];
};

export type Asked = {
  /** A minute for all questions in place of the whole. */
  quick: boolean;
  /** Everything random follows from it, so that a run can be made again. */
  seed: number;
  /** Aborted when the question is to end early (Ctrl-C): it ends what it has started, and throws or returns. */
  signal: AbortSignal;
  /** A line of progress. */
  report(line: string): void;
};

/** Whether something was lost beyond what may be, left behind, or found. */
export function hasFault({lines, findings}: Figures): boolean {
  return findings.length > 0 || lines.some(({lost, mayLose = 0, left}) => lost > mayLose || left > 0);
}
