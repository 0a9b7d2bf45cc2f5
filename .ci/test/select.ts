import {readFile} from 'node:fs/promises';
import {type Need, needsOf, type Unmet} from './needs.ts';

/** Test files of the twin, told apart by whether this machine can run them. */
export interface Selection {
  run: string[];
  /** One sentence for each reason, naming the files. */
  leftOut: string[];
}

/** Tells apart test files (absolute paths) by the needs they state and those that are not met here. */
export async function select(files: readonly string[], unmet: Unmet): Promise<Selection> {
  const run: string[] = [];
  const byReason = new Map<Need, string[]>();
  for (const file of files) {
    const lacking = needsOf(await readFile(file, 'utf8')).find(need => unmet.has(need));
    if (lacking === undefined) {
      run.push(file);
    } else {
      byReason.set(lacking, [...(byReason.get(lacking) ?? []), file]);
    }
  }
  const leftOut = [...byReason].map(
    ([need, names]) => `${names.join(', ')}: ${need} cannot be had here (${unmet.get(need)})`,
  );
  return {run, leftOut};
}
