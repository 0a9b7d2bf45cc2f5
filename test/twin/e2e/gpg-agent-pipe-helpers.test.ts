// needs: gnupg, ssh, socat
import test from 'ava';
import {comments, REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {CLIENTS, crowd, faults, ROUNDS} from './crowd.ts';
import {SETUP_MS} from './gpg-bed.ts';
import {GPG_PIPE, type GpgPipeBed, startGpgPipeBed} from './gpg-pipe-bed.ts';
import {startSocat} from './socat.ts';

let bed: GpgPipeBed;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgPipeBed();
});

test.after.always(async () => {
  await bed?.stop();
});

/** The pipe's thread ends with its first error, and the agent goes on without it. */
async function lives(socket: string): Promise<boolean> {
  return comments(await askOnce(socket, REQUEST_IDENTITIES)).length === 1;
}

for (const stays of [false, true])
  test.serial(
    `a helper for each of ${CLIENTS} clients who ${stays ? 'stay' : 'leave'}, ${ROUNDS} rounds`,
    async t => {
      t.timeout(4 * CEILING);
      const chain = await bed.relay({target: GPG_PIPE, sharing: 'never', maxHelpers: CLIENTS});
      t.is(await crowd({sockets: [chain.socket], stays, keys: 1}), CLIENTS * ROUNDS);
      t.deepEqual(faults(chain), [], await bed.pipeErrors());
      t.true(chain.helpers().length >= CLIENTS * (stays ? 1 : ROUNDS));
      t.true(await lives(chain.socket));
      await chain.stop();
    },
  );

test.serial('two relays side by side, and helpers without a relay', async t => {
  t.timeout(4 * CEILING);
  const chains = await Promise.all(
    ['overflow', 'always'].map(sharing =>
      bed.relay({target: GPG_PIPE, sharing: sharing as 'overflow' | 'always', maxHelpers: 3}),
    ),
  );
  const direct = await startSocat(t, bed.twin, `connect --protocol ssh-agent --target ${GPG_PIPE}`);
  const [first = '', second = ''] = chains.map(chain => chain.socket);
  // three of four clients go through the relays
  const sockets = [first, second, first, direct];
  for (const stays of [true, false])
    t.is(
      await crowd({sockets, stays, keys: 1, rounds: 3}),
      3 * CLIENTS,
      `${stays} ${chains.flatMap(faults).join('\n')} ${await bed.pipeErrors()}`,
    );
  for (const socket of [first, second, direct]) t.true(await lives(socket));
  for (const chain of chains) await chain.stop();
  t.is(await bed.pipeErrors(), '');
});

test.serial(
  "npiperelay's line beside a relay: each has its turn, also when the other's client stays",
  async t => {
    t.timeout(2 * CEILING);
    const chain = await bed.relay({target: GPG_PIPE});
    const line = await startSocat(t, bed.twin, '-p -ei //./pipe/openssh-ssh-agent');
    const stay = await Promise.all([line, chain.socket].map(socket => Client.to(socket)));
    for (let round = 0; round < 3; round++) {
      const answers = [
        ...stay.map(client => client.ask(REQUEST_IDENTITIES)),
        ...[line, chain.socket].map(socket => askOnce(socket, REQUEST_IDENTITIES)),
      ];
      t.deepEqual(
        (await Promise.all(answers)).map(answer => comments(answer).length),
        [1, 1, 1, 1],
      );
    }
    for (const client of stay) client.close();
    await chain.stop();
    t.deepEqual(faults(chain), []);
    t.is(await bed.pipeErrors(), '');
  },
);
