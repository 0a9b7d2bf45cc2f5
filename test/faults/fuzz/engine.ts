/** Structured fuzzing with what came out as a guide: an input that made something new come out is varied further. */
import {mutated} from './mutate.ts';
import {Random} from './random.ts';
import type {Subject} from './subject.ts';

/** Inputs that showed something new, of one batch. */
const KEPT_MAX = 400;
const FAULTS_MAX = 6;

export type Batch = {inputs: number; units: number; words: number; broken?: string};

/**
 * Feeds so many inputs, all of which follow from the seed; stops at the first that breaks a promise and says what is
 * needed to see it again. `at` is told of each before it is fed.
 */
export function fuzz(subject: Subject, seed: number, inputs: number, at: (input: number) => void): Batch {
  const random = new Random(seed);
  const words = new Set<string>();
  const kept: Uint8Array[] = [];
  let units = 0;
  for (let count = 0; count < inputs; count++) {
    at(count);
    const input = next(subject, random, kept);
    try {
      const outcome = subject.feed(input, random);
      units += Math.max(1, outcome.units);
      if (!words.has(outcome.word) && words.size < KEPT_MAX) {
        words.add(outcome.word);
        kept.push(input);
      }
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const bytes = Buffer.from(input.subarray(0, 300)).toString('base64');
      const broken = `${subject.name}: input ${count} of seed ${seed} (${input.length} bytes, ${bytes}): ${what}`;
      return {inputs: count + 1, units, words: words.size, broken};
    }
  }
  return {inputs, units, words: words.size};
}

function next(subject: Subject, random: Random, kept: readonly Uint8Array[]): Uint8Array {
  const base = () => (random.once(2) ? undefined : kept[random.below(kept.length)]) ?? subject.make(random);
  const input = base();
  // an honest one now and then: what is right must stay right
  const faults = random.once(6) ? 0 : 1 + random.small(FAULTS_MAX);
  return faults === 0 ? input : mutated(input, faults, random, base());
}
