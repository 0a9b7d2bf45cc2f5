import test from 'ava';
import {threadsToSpare} from '../../../windows/native/threads.ts';

const ROWS: [size: string | undefined, calls: number][] = [
  [undefined, 1],
  ['8', 3],
  ['7', 2],
  ['5', 1],
  ['0', 1],
  ['-4', 1],
  ['', 1],
  ['many', 1],
];

for (const [size, calls] of ROWS) {
  test(`UV_THREADPOOL_SIZE ${size ?? 'not set'}: ${calls} at a time`, t => {
    t.is(threadsToSpare(size === undefined ? {} : {UV_THREADPOOL_SIZE: size}), calls);
  });
}
