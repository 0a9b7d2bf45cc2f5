// needs: wine
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {CEILING, chainFor} from './chain.ts';
import {askOnce, Client} from './client.ts';
import {faults} from './crowd.ts';
import {startToldBed, type ToldBed} from './told-bed.ts';
import {answer, bind, echo, late} from './told-requests.ts';

const BODY = Buffer.from('a body');

let bed: ToldBed;

test.before(async t => {
  t.timeout(4 * CEILING);
  // the helper knows an agent that serves one client at a time by its program
  bed = await startToldBed({program: 'gpg-agent.exe'});
});

test.after.always(async () => {
  await bed?.stop();
});

/** Which connections were bound to which sessions and which echoed, in order; connections by their number, from 0 on. */
async function story(from: number): Promise<string[]> {
  const lines = (await bed.words()).filter(line => line.startsWith('connection ')).slice(from);
  const numbers = [...new Set(lines.map(line => line.split(' ')[1] ?? ''))];
  return lines.map(line => line.replace(/^connection (\d+)/, (_, number) => String(numbers.indexOf(number))));
}

for (const sharing of ['always', 'never'] as const)
  test.serial(
    `sharing ${sharing}: what a client was bound to is said again when its turn comes back`,
    async t => {
      t.timeout(2 * CEILING);
      const chain = await chainFor(t, bed.twin, {target: bed.target, sharing});
      const before = (await story(0)).length;
      const stays = await Client.to(chain.socket);
      for (const request of [bind(1), bind(2)]) t.deepEqual(await stays.ask(request), answer());
      t.deepEqual(await askOnce(chain.socket, echo(BODY)), answer(BODY));
      t.deepEqual(await stays.ask(echo(BODY)), answer(BODY));
      stays.close();
      t.deepEqual(await story(before), [
        '0 bound to 1',
        '0 bound to 2',
        '1 echoes',
        '2 bound to 1',
        '2 bound to 2',
        '2 echoes',
      ]);
      t.deepEqual(faults(chain), []);
    },
  );

test.serial('a helper that is killed while it is served lets go of its turn', async t => {
  t.timeout(2 * CEILING);
  const [killed, other] = [
    await chainFor(t, bed.twin, {target: bed.target}),
    await chainFor(t, bed.twin, {target: bed.target}),
  ];
  const served = await Client.to(killed.socket);
  // longer than anybody here waits
  served.send(late(20 * 60_000));
  await bed.said('late');
  const words = (await bed.words()).length - 1;
  const waits = await Client.to(other.socket);
  waits.send(echo(BODY));
  await other.ready(1);
  // an answer would have come by now
  await pause(300);
  t.false((await bed.words()).slice(words).some(word => word.endsWith('echoes')));
  for (const pid of killed.helpers()) process.kill(pid, 'SIGKILL');
  t.deepEqual(await waits.message(), answer(BODY));
  waits.close();
  served.close();
  t.deepEqual(faults(other), []);
});
