// needs: pageant, ssh
import test from 'ava';
import {CEILING, chainFor} from './chain.ts';
import {CLIENTS, CROWDS, crowd, crowdTitle, faults, ROUNDS} from './crowd.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';

let bed: PageantBed;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
});

test.after.always(async () => {
  await bed?.stop();
});

// sharing.test.ts has clients that leave when all have their answer, and those that take a helper each and leave
for (const {stays, ...how} of CROWDS)
  test.serial(crowdTitle({...how, stays}), async t => {
    t.timeout(4 * CEILING);
    const chain = await chainFor(t, bed.twin, {target: bed.pageant.pipe, ...how});
    const answered = await crowd({sockets: [chain.socket], stays, keys: 2});
    t.deepEqual(faults(chain), []);
    t.is(answered, CLIENTS * ROUNDS);
  });
