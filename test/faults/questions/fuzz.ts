/** Bytes that nobody vouches for, given to everything that reads them. */
import {availableParallelism} from 'node:os';
import type {Asked, Figure, Figures} from '../figures.ts';
import {feedAll} from '../fuzz/crew.ts';
import {SUBJECTS} from '../fuzz/subjects.ts';
import type {Job} from '../fuzz/worker.ts';

/** Inputs that follow from one seed: as many as a person has the patience to feed again. */
const BATCH = 20_000;
const THREADS_MAX = 2;

/** Goal: so many frames, messages and lines in all break no promise, hang nothing and hold no memory. */
export async function fuzzing(total: number, {seed, signal, report}: Asked): Promise<Figures> {
  const lines: Figure[] = [];
  const findings: string[] = [];
  const threads = Math.min(THREADS_MAX, availableParallelism());
  const begun = performance.now();
  for (const [index, {subject, share}] of SUBJECTS.entries()) {
    let [units, inputs, words, next] = [0, 0, 0, 0];
    const broken: string[] = [];
    const wanted = (total * share) / 100;
    while (units < wanted && !signal.aborted && broken.length === 0) {
      const each = units === 0 ? 1 : Math.max(1, units / inputs);
      const left = Math.ceil((wanted - units) / each / BATCH);
      const jobs: Job[] = Array.from({length: Math.min(left, 20)}, () => ({
        subject: index,
        seed: seed + next++,
        inputs: Math.min(BATCH, Math.ceil((wanted - units) / each)),
      }));
      await feedAll(jobs, threads, signal, (_, batch) => {
        units += batch.units;
        inputs += batch.inputs;
        words = Math.max(words, batch.words);
        if (batch.broken !== undefined) broken.push(batch.broken);
      });
      report(`fuzz: ${subject.name}: ${inputs} inputs, ${units} of ${Math.ceil(wanted)} frames`);
    }
    findings.push(...broken);
    const seen = `${inputs.toLocaleString('en')} inputs, ${words} kinds of outcome in a batch`;
    lines.push({what: `fuzzed: ${subject.name}`, tried: units, lost: broken.length, left: 0, seen});
  }
  const rate = Math.round(
    lines.reduce((sum, {tried}) => sum + tried, 0) / ((performance.now() - begun) / 1000),
  );
  report(`fuzz: ${rate} frames a second on ${threads} threads`);
  return {lines, findings};
}
