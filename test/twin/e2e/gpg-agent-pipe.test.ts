// needs: gnupg, ssh
import test from 'ava';
import {comments, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING} from './chain.ts';
import {askOnce} from './client.ts';
import {CLIENTS, crowd, faults, ROUNDS} from './crowd.ts';
import {SETUP_MS} from './gpg-bed.ts';
import {GPG_PIPE, type GpgPipeBed, startGpgPipeBed} from './gpg-pipe-bed.ts';

let bed: GpgPipeBed;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgPipeBed();
});

test.after.always(async () => {
  await bed?.stop();
});

for (const sharing of ['overflow', 'always'] as const)
  for (const stays of [false, true])
    test.serial(
      `sharing ${sharing}: ${CLIENTS} clients at the same moment, ${ROUNDS} rounds, who ${stays ? 'stay' : 'leave'}`,
      async t => {
        t.timeout(4 * CEILING);
        const chain = await bed.relay({target: GPG_PIPE, sharing, maxHelpers: 8});
        const started = performance.now();
        const answered = await crowd({sockets: [chain.socket], stays, keys: 1});
        t.log(`${Math.round(performance.now() - started)} ms, ${chain.helpers().length} helpers`);
        t.deepEqual(faults(chain), [], await bed.pipeErrors());
        t.is(answered, CLIENTS * ROUNDS);
        // the pipe's thread ends with its first error, and the agent goes on without it
        t.is(comments(await askOnce(chain.socket, REQUEST_IDENTITIES)).length, 1);
        await chain.stop();
        t.is(await bed.pipeErrors(), '');
      },
    );
