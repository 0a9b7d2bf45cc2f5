// needs: systemd
/** The short form of `npm run faults`: the exe, and units under a real `systemd --user`. */
import test, {type ExecutionContext} from 'ava';
import type {Asked, Figures} from '../../faults/figures.ts';
import {type TwinPlace, twinPlace} from '../../faults/parts/twin.ts';
import {startUnits} from '../../faults/parts/units.ts';
import {killAgents} from '../../faults/questions/agent-killed.ts';
import {killHelpers} from '../../faults/questions/helper-killed.ts';
import {silenceHelpers} from '../../faults/questions/helper-silent.ts';
import {killRelays} from '../../faults/questions/relay-killed.ts';
import {stopRelays} from '../../faults/questions/relay-stopped.ts';

const PATIENCE_MS = 240_000;

let place: TwinPlace;

test.before(async t => {
  t.timeout(PATIENCE_MS);
  place = await twinPlace();
});

test.after.always(async () => {
  await place?.stop();
});

function asked(t: ExecutionContext): Asked {
  t.timeout(PATIENCE_MS);
  const report = (line: string) => t.log(line);
  return {quick: true, seed: Date.now() % 1_000_000_000, signal: new AbortController().signal, report};
}

function unharmed(t: ExecutionContext, {lines, findings}: Figures): void {
  t.deepEqual(findings, []);
  for (const {what, lost, left, mayLose = 0} of lines) t.true(lost <= mayLose && left === 0, what);
  t.true(lines.every(({tried}) => tried > 0));
}

test.serial(
  'the exe killed costs at most one request a client and no list, and nothing comes twice',
  async t => {
    unharmed(t, await killHelpers(place, 3, asked(t)));
  },
);

test.serial('an exe that lives and does nothing holds nobody', async t => {
  unharmed(t, await silenceHelpers(place, 1, asked(t)));
});

test.serial('SIGTERM to the service while clients come: none is lost', async t => {
  unharmed(t, await stopRelays(place, 6, asked(t), ground => startUnits(ground, place.twin)));
});

test.serial(
  'the relay killed: everybody sees the end at once, no exe stays, the next one serves',
  async t => {
    unharmed(t, await killRelays(place, 1, asked(t)));
  },
);

test.serial('the agent on Windows killed and started again: everybody is told, and then served', async t => {
  unharmed(t, await killAgents(place, 2, asked(t)));
});
