// needs: ssh
import test from 'ava';
import {MESSAGE_MAX} from '../../../shared/ssh-agent/messages.ts';
import {poll} from '../poll.ts';
import {CEILING, type Chain, startChain} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, close, count, echo, flood, late, pattern} from './told-requests.ts';

/** The type is part of the longest message. */
const LONGEST = MESSAGE_MAX - 1;
const PROTOCOLS = ['ssh-agent', 'raw'] as const;

let bed: ToldBed;
const chains = {} as Record<(typeof PROTOCOLS)[number], Chain>;

test.before(async t => {
  t.timeout(180_000);
  bed = await startToldBed();
  // one helper for all: what one client does to another shows here if anywhere
  for (const protocol of PROTOCOLS)
    chains[protocol] = await startChain(bed.twin, {target: bed.target, protocol, sharing: 'always'});
});

test.after.always(async t => {
  for (const protocol of PROTOCOLS) t.is(await chains[protocol]?.stop(), 0);
  await bed?.stop();
});

/** Ends the connection as a client of its protocol would; gives what came until the other side had ended, too. */
async function leave(client: Client, protocol: (typeof PROTOCOLS)[number]): Promise<Buffer> {
  // a pipe cannot be told that the client sends no more
  if (protocol === 'raw') client.send(close());
  else client.endWriting();
  const rest = await client.rest();
  client.close();
  return rest;
}

test.serial(
  'an answer that takes 5 s arrives, also when the client has said that it sends no more',
  async t => {
    const both = PROTOCOLS.flatMap(protocol =>
      [false, true].map(async ended => {
        const client = await Client.to(chains[protocol].socket);
        client.send(late(5000, {last: protocol === 'raw'}));
        if (ended) client.endWriting();
        t.deepEqual(await client.message(), answer(), protocol);
        if (!ended) client.endWriting();
        t.deepEqual(await client.rest(), Buffer.alloc(0));
        client.close();
      }),
    );
    await Promise.all(both);
  },
);

for (const protocol of PROTOCOLS)
  test.serial(
    `${protocol}: messages of 256 KiB both ways at once on eight connections, byte for byte`,
    async t => {
      const {socket} = chains[protocol];
      const connections = Array.from({length: 8}, async (_, number) => {
        const client = await Client.to(socket);
        const bodies = [1, 2, 3, 4].map(part => pattern(LONGEST, number * 10 + part));
        // all on their way before the first answer is read
        for (const body of bodies) client.send(echo(body));
        for (const body of bodies) t.true((await client.message()).equals(answer(body)));
        t.deepEqual(await leave(client, protocol), Buffer.alloc(0));
      });
      await Promise.all(connections);
    },
  );

for (const protocol of PROTOCOLS)
  test.serial(
    `${protocol}: a client that never reads holds up nobody else, and only so much is kept for it`,
    async t => {
      const {socket} = chains[protocol];
      const [stuck, busy] = [await Client.to(socket), await Client.to(socket)];
      const [answers, body] = [64, pattern(LONGEST)];
      const taken = async () => (await busy.ask(count())).readUInt32BE(5);
      const before = await taken();
      if (protocol === 'raw') stuck.send(flood(answers, LONGEST));
      else for (let number = 0; number < answers; number++) stuck.send(echo(body));
      const kept = await settled(async () => (await taken()) - before);
      t.true(kept > LONGEST, `${kept} bytes`);
      t.true(kept < 4 * MESSAGE_MAX, `${kept} bytes`);
      t.log(`${Math.round(kept / 1024)} KiB were on their way`);
      const small = pattern(1000);
      for (let number = 0; number < 50; number++) t.deepEqual(await busy.ask(echo(small)), answer(small));
      t.deepEqual(await askOnce(socket, echo(small)), answer(small));
      // and everything is there once it reads
      for (let number = 0; number < answers; number++) t.true((await stuck.message()).equals(answer(body)));
      for (const client of [stuck, busy]) t.deepEqual(await leave(client, protocol), Buffer.alloc(0));
    },
  );

/** Waits until a number has not changed for half a second, and gives it. */
async function settled(value: () => Promise<number>): Promise<number> {
  let [last, since] = [await value(), performance.now()];
  await poll('a number that stays', CEILING, async () => {
    const now = await value();
    if (now !== last) [last, since] = [now, performance.now()];
    return now > 0 && performance.now() - since > 500;
  });
  return last;
}
