import test from 'ava';
import fc from 'fast-check';
import {summarize} from '../../../linux/bench/summary.ts';

const samples = fc.array(fc.double({min: 0, max: 1e6, noNaN: true}), {minLength: 1, maxLength: 300});

test('percentiles rise, and are samples that so many of a hundred do not exceed', t => {
  const property = fc.property(samples, list => {
    const {count, min, p50, p90, p99, max, mean} = summarize(list);
    t.is(count, list.length);
    t.is(min, Math.min(...list));
    t.is(max, Math.max(...list));
    t.true(min <= p50 && p50 <= p90 && p90 <= p99 && p99 <= max);
    for (const [percent, value] of [
      [50, p50],
      [90, p90],
      [99, p99],
    ] as const) {
      t.true(list.includes(value));
      t.true(list.filter(sample => sample <= value).length * 100 >= percent * count);
      t.true(list.filter(sample => sample < value).length * 100 < percent * count);
    }
    t.true(mean >= min * (1 - 1e-9) && mean <= max * (1 + 1e-9));
  });
  fc.assert(property);
});

test('the order of samples does not matter, and they are left as they are', t => {
  const list = [3, 1, 10, 2];
  t.deepEqual(summarize(list), summarize([1, 2, 3, 10]));
  t.deepEqual(list, [3, 1, 10, 2]);
  t.deepEqual(summarize([7]), {count: 1, min: 7, p50: 7, p90: 7, p99: 7, max: 7, mean: 7});
});

test('numbers are compared as numbers', t => {
  t.is(summarize([9, 100, 20]).p50, 20);
});

test('without a sample there is no summary', t => {
  t.throws(() => summarize([]), {instanceOf: RangeError});
});
