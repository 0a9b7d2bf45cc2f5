/** The short form of `npm run faults`: the CLI and the helper as they are built, on this system's Node. */
import test, {type ExecutionContext} from 'ava';
import type {Asked, Figures} from '../../faults/figures.ts';
import {here} from '../../faults/parts/here.ts';
import {killAgents} from '../../faults/questions/agent-killed.ts';
import {killHelpers} from '../../faults/questions/helper-killed.ts';
import {silenceHelpers} from '../../faults/questions/helper-silent.ts';
import {killRelays} from '../../faults/questions/relay-killed.ts';
import {soak} from '../../faults/questions/soak.ts';
import {streams} from '../../faults/questions/streams.ts';

const PATIENCE_MS = 180_000;

function asked(t: ExecutionContext): Asked {
  t.timeout(PATIENCE_MS);
  const report = (line: string) => t.log(line);
  return {quick: true, seed: Date.now() % 1_000_000_000, signal: new AbortController().signal, report};
}

/** Nothing is lost beyond what may be, nothing is left, nothing was found. */
function unharmed(t: ExecutionContext, {lines, findings}: Figures): void {
  t.deepEqual(findings, []);
  for (const {what, lost, left, mayLose = 0} of lines) t.true(lost <= mayLose && left === 0, what);
  t.true(lines.every(({tried}) => tried > 0));
}

test.serial(
  'killed helpers cost at most one request a client and no list, and nothing comes twice',
  async t => {
    unharmed(t, await killHelpers(here(), 5, asked(t)));
  },
);

test.serial('a helper that lives and does nothing holds nobody', async t => {
  unharmed(t, await silenceHelpers(here(), 1, asked(t)));
});

test.serial(
  'the relay killed: everybody sees the end at once, nothing stays, the next one serves',
  async t => {
    unharmed(t, await killRelays(here(), 2, asked(t)));
  },
);

test.serial('the agent killed and started again: everybody is told, and then served', async t => {
  unharmed(t, await killAgents(here(), 2, asked(t)));
});

test.serial('two thousand connections leave memory and descriptors as they are', async t => {
  unharmed(t, await soak(here(), 2000, asked(t)));
});

test.serial('clients that cut, mutate, half-close and drop their streams get what they ask for', async t => {
  unharmed(t, await streams(here(), 2000, asked(t)));
});
