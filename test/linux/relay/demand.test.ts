import test from 'ava';
import {Demand, EXPECTED_MS} from '../../../linux/relay/demand.ts';

function expectedAfter(arrivals: number[], now = Math.max(...arrivals)): number {
  const demand = new Demand();
  for (const at of arrivals) demand.note(at);
  return demand.expected(now);
}

test('nobody is expected before anybody came', t => {
  t.is(new Demand().expected(0), 0);
});

test('who comes one by one is expected one by one, however many they are', t => {
  t.is(expectedAfter(Array.from({length: 50}, (_, index) => index * 1000)), 1);
});

test('as many are expected together as came together', t => {
  t.is(expectedAfter([1000, 1001, 1002]), 3);
  t.is(expectedAfter([1000, 1200, 1499]), 3);
  t.is(expectedAfter([0, 1, 2, 5000]), 3);
});

test('together is within the time that a helper takes to start', t => {
  const demand = new Demand();
  demand.learn(1800);
  for (const at of [1000, 1700, 2799]) demand.note(at);
  t.is(demand.expected(2799), 3);
});

test('a crowd counts as five', t => {
  t.is(expectedAfter(Array.from({length: 200}, () => 7)), 5);
});

test('they are expected for a while after they last came together', t => {
  t.is(expectedAfter([0, 1, 2], 2 + EXPECTED_MS), 3);
  t.is(expectedAfter([0, 1, 2], 3 + EXPECTED_MS), 0);
  t.is(expectedAfter([0, 1, 2, 50_000, 50_001, 50_002], 100_000), 3);
  t.is(expectedAfter([0, 1, 2, 70_000, 70_001]), 2);
});
