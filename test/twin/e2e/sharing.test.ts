// needs: pageant, ssh
import test from 'ava';
import {poll} from '../poll.ts';
import {REQUEST_IDENTITIES} from './agent-messages.ts';
import {CEILING, type Chain, helperProcesses, startChain} from './chain.ts';
import {Client} from './client.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';

const CLIENTS = 20;
const ROUNDS = 10;
/** So many of the clients are ssh-add. */
const TOOLS = 2;

let bed: PageantBed;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
});

test.after.always(async () => {
  await bed?.stop();
});

/**
 * One round: all clients at the same moment. Gives how many got both keys. With `held` the connections stay open until
 * all have their answer: where each takes a helper of its own and these are fewer, that would be for ever.
 */
async function round(chain: Chain, held: boolean): Promise<number> {
  const clients = await Promise.all(Array.from({length: CLIENTS - TOOLS}, () => Client.to(chain.socket)));
  const tools = Array.from({length: TOOLS}, async () => {
    const {stdout} = await bed.twin.run('ssh-add', ['-l'], {env: chain.env});
    return stdout.split('\n').filter(line => /elliptic|long ago/.test(line)).length === 2;
  });
  const raw = clients.map(async client => {
    const answer = await client.ask(REQUEST_IDENTITIES).catch(() => undefined);
    if (!held) client.close();
    return answer?.includes('elliptic') && answer.includes('long ago');
  });
  const answered = await Promise.all([...tools, ...raw]);
  for (const client of clients) client.close();
  return answered.filter(both => both).length;
}

/** The most helpers that were there at any moment, by what the journal says. */
function mostAtOnce({lines}: Chain): number {
  let [now, most] = [0, 0];
  for (const line of lines) {
    if (/helper \d+: started/.test(line)) most = Math.max(most, ++now);
    // of one that ended by itself, as a start does by chance now and then, the relay says why instead
    else if (/helper \d+: (gone|the helper ended|Windows did not start)/.test(line)) now--;
  }
  return most;
}

const MODES = [
  {sharing: 'overflow', maxHelpers: 8, held: true, ever: CLIENTS},
  // each client has one of its own, and there are spares
  {sharing: 'never', maxHelpers: 4, held: false, ever: CLIENTS * ROUNDS + 4},
  {sharing: 'always', maxHelpers: 8, held: true, ever: 1},
] as const;

for (const {sharing, maxHelpers, held, ever} of MODES)
  test.serial(`sharing ${sharing}: ${CLIENTS} clients at the same moment, ${ROUNDS} rounds`, async t => {
    t.timeout(180_000);
    const chain = await startChain(bed.twin, {target: bed.pageant.pipe, sharing, maxHelpers});
    let answered = 0;
    try {
      for (let count = 1; count <= ROUNDS; count++) {
        answered += await round(chain, held);
        // every round after one that failed would take its full time
        if (answered < CLIENTS * count) break;
        // a spare at least, once it has come so far; what finds none at the end can find them
        await poll('a helper', CEILING, () => helperProcesses().length > 0);
      }
    } finally {
      await chain.stop();
    }
    t.deepEqual(
      chain.lines.filter(line => / warning: socket#/.test(line)),
      [],
    );
    t.is(answered, CLIENTS * ROUNDS);
    const [started, most] = [chain.helpers().length, mostAtOnce(chain)];
    t.log(`${started} helpers in all, at most ${most} at a time`);
    t.true(most <= maxHelpers);
    t.true(started <= ever);
    if (sharing === 'never') t.true(started >= CLIENTS * ROUNDS);
    t.deepEqual(helperProcesses(), []);
  });
