import type {Need, Unmet} from './needs.ts';

/** Test files of the twin, told apart by whether this machine can run them. */
export interface Selection {
  run: string[];
  /** One sentence for each reason, naming the files. */
  leftOut: string[];
}

/** Tells apart test files by the needs they state and those that are not met here. */
export function select(stated: ReadonlyMap<string, readonly Need[]>, unmet: Unmet): Selection {
  const run: string[] = [];
  const byReason = new Map<Need, string[]>();
  for (const [file, needs] of stated) {
    const lacking = needs.find(need => unmet.has(need));
    if (lacking === undefined) {
      run.push(file);
    } else {
      byReason.set(lacking, [...(byReason.get(lacking) ?? []), file]);
    }
  }
  const leftOut = [...byReason].map(
    ([need, files]) => `${files.join(', ')}: ${need} cannot be had here (${unmet.get(need)})`,
  );
  return {run, leftOut};
}
