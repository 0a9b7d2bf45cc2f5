// needs: gnupg, ssh
import test from 'ava';
import {makeGnupgKey, offerToSsh} from '../agents/gnupg-keys.ts';
import {comments, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING} from './chain.ts';
import {askOnce} from './client.ts';
import {CLIENTS, CROWDS, crowd, crowdTitle, faults, ROUNDS} from './crowd.ts';
import {type GpgBed, SETUP_MS, startGpgBed} from './gpg-bed.ts';

let bed: GpgBed;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  const key = await makeGnupgKey(bed.gnupg, 'Ada <ada@example.org>');
  await offerToSsh(bed.gnupg, key.grips.auth);
});

test.after.always(async () => {
  await bed?.stop();
});

for (const {stays, ...how} of CROWDS)
  test.serial(crowdTitle({...how, stays}), async t => {
    t.timeout(4 * CEILING);
    const chain = await bed.relay({target: 'gpg:agent-ssh-socket', ...how});
    const answered = await crowd({sockets: [chain.socket], stays, keys: 1});
    t.deepEqual(faults(chain), []);
    t.is(answered, CLIENTS * ROUNDS);
    t.is(comments(await askOnce(chain.socket, REQUEST_IDENTITIES)).length, 1);
    await chain.stop();
  });
