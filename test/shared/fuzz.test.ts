/** A hundred thousand mutated inputs in all; `npm run faults -- --only fuzz` is the whole of it. */
import test from 'ava';
import {fuzz} from '../faults/fuzz/engine.ts';
import {mutated} from '../faults/fuzz/mutate.ts';
import {Random} from '../faults/fuzz/random.ts';
import {promise, type Subject} from '../faults/fuzz/subject.ts';
import {SUBJECTS} from '../faults/fuzz/subjects.ts';

const INPUTS = 100_000;
/** Another one each time; what it finds names it. */
const SEED = Date.now() % 1_000_000_000;

for (const {subject, share} of SUBJECTS)
  test(`nothing that is read breaks a promise: ${subject.name}`, t => {
    t.timeout(120_000);
    const {inputs, broken} = fuzz(subject, SEED, (INPUTS * share) / 100, () => {});
    t.is(broken, undefined);
    t.is(inputs, (INPUTS * share) / 100);
  });

const careless: Subject = {
  name: 'careless',
  make: () => Buffer.from('length 4: abcd'),
  feed(input) {
    promise(!Buffer.from(input).includes('length 5'), 'it believes any length');
    return {units: 1, word: String(input.length)};
  },
};

test('what is broken is found, and found again with what the message says', t => {
  const [first, again] = [1, 2].map(() => fuzz(careless, 7, 100_000, () => {}).broken);
  t.regex(first ?? '', /^careless: input \d+ of seed 7 \(\d+ bytes, [\w+/=]+\): .*it believes any length/);
  t.is(first, again);
});

test('mutations change a copy, and follow from their seed', t => {
  const bytes = Buffer.from('an input that is not too short');
  const results = () =>
    Array.from({length: 50}, (_, seed) =>
      Buffer.from(mutated(bytes, 3, new Random(seed), bytes)).toString('hex'),
    );
  t.true(new Set(results()).size > 40);
  t.deepEqual(results(), results());
  t.is(bytes.toString(), 'an input that is not too short');
});
