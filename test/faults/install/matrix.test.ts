// needs: cc
import test from 'ava';
import {hasFault} from '../figures.ts';
import {JOURNEYS} from './journeys.ts';
import {runInstallMatrix} from './matrix.ts';

/** All points together take half an hour: `npm run faults` tries them. */
const EVERY = 97;

// each has another part of the points
for (const [offset, {name}] of JOURNEYS.entries())
  test.serial(
    `${name}, gone wrong at some of its operations, is put right by the next run, and nothing is left`,
    async t => {
      t.timeout(15 * 60_000);
      const figures = await runInstallMatrix({
        every: EVERY,
        offset: offset * 16,
        journeys: [name],
        report: t.log,
      });
      t.deepEqual(figures.findings, []);
      t.false(hasFault(figures));
      t.true(figures.lines.reduce((sum, {tried}) => sum + tried, 0) > 5);
    },
  );
