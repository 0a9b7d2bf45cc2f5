import type {Asker} from './asker.ts';
import {memoryOf, type Owner} from './memory.ts';
import type {Held} from './report.ts';
import {type Extent, visits} from './sequence.ts';
import type {Subject} from './subject.ts';

/** How many begin at the same moment. */
const BATCH = 20;

/**
 * Keeps so many connections open that were answered once, and connects anew beside them, where there is time for it. No
 * more are opened after one failed.
 */
export async function hold(
  subject: Subject,
  connections: number,
  extent: Extent,
  owner: Owner,
): Promise<Held> {
  const held: Asker[] = [];
  let failures = 0;
  try {
    while (held.length < connections && failures === 0 && subject.over === undefined) {
      const length = Math.min(BATCH, connections - held.length);
      const opened = await Promise.all(Array.from({length}, () => subject.connect()));
      const answered = opened.flatMap(each => each?.asker ?? []);
      held.push(...answered);
      failures += length - answered.length;
    }
    const memory = 'reason' in owner ? null : (memoryOf(owner) ?? null);
    const fresh = subject.over === undefined ? await visits(subject, extent) : {failures: 0, ms: null};
    return {connections: held.length, failures, fresh, memory};
  } finally {
    for (const asker of held) asker.close();
  }
}
