// needs: pageant
import path from 'node:path';
import test from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {parseReport} from '../../linux/bench/report-shape.ts';
import {chainFor, helperProcesses} from './chain.ts';
import {type PageantBed, startPageantBed} from './pageant-bed.ts';

const CLI = path.join(DIST, 'wslagent.mjs');

let bed: PageantBed;

test.before(async t => {
  // A Pageant that the cache lacks is built now.
  t.timeout(20 * 60_000);
  bed = await startPageantBed();
});

test.after.always(async () => {
  await bed?.stop();
});

function bench(...args: string[]) {
  return bed.twin.run(process.execPath, [CLI, 'bench', ...args]);
}

test.serial('the endpoint ssh and a second relay, beside each other: all is answered', async t => {
  t.timeout(120_000);
  const target = bed.pageant.pipe;
  const ssh = path.join(bed.twin.runtimeDir, 'wslagent', 'ssh.sock');
  const ours = await chainFor(t, bed.twin, {target, socket: ssh});
  const other = await chainFor(t, bed.twin, {target, sharing: 'always', maxHelpers: 1});
  const {stdout, stderr, exitCode} = await bench('ssh', '--socket', other.socket, '--json');
  t.is(stderr, '');
  t.is(exitCode, 0);
  const {sockets} = parseReport(stdout);
  t.deepEqual(
    sockets.map(({endpoint, socket, keys, memory}) => [endpoint, socket, keys, memory?.pid]),
    [
      ['ssh', ssh, 2, ours.pid],
      [null, other.socket, 2, other.pid],
    ],
  );
  for (const {
    requests,
    failures,
    reasons,
    second,
    warm,
    throughput,
    bursts,
    held,
    memory,
    leftOut,
  } of sockets) {
    t.log({requests, warm: warm.ms?.p50, second: second.ms?.p50, leftOut});
    t.deepEqual([failures, reasons], [0, []]);
    t.true(requests > 100);
    t.true(second.ms !== null && warm.ms !== null);
    t.deepEqual(
      throughput.map(({connections}) => connections),
      [1, 8],
    );
    for (const {connections, failures, ms} of bursts)
      t.deepEqual([connections, failures, ms !== null], [connections, 0, true]);
    for (const {connections, failures, fresh} of held)
      t.deepEqual([connections, failures, fresh.failures], [connections, 0, 0]);
    t.true(bursts.length >= 3);
    t.is(held[0]?.connections, 20);
    // the helper of this side
    t.true((memory?.started.processes ?? 0) > 0);
  }
  const journal = [...ours.lines, ...other.lines];
  t.deepEqual(
    journal.filter(line => / (warning|error): /.test(line)),
    [],
  );
  t.deepEqual([await ours.stop(), await other.stop()], [0, 0]);
  t.deepEqual(helperProcesses(), []);
});

test.serial('for people, with the keys of Pageant and what the numbers mean', async t => {
  t.timeout(120_000);
  const chain = await chainFor(t, bed.twin, {target: bed.pageant.pipe});
  const {stdout, exitCode} = await bench('--socket', chain.socket, '--seconds', '2');
  t.is(exitCode, 0, stdout);
  t.log(`\n${stdout}`);
  t.true(stdout.startsWith(`${chain.socket}, 2 keys\n\nvery first answer `));
  t.regex(stdout, /\nall \d+ requests were answered\n/);
});

test.serial('an agent that is not there is one error that names the next command', async t => {
  const ssh = path.join(bed.twin.runtimeDir, 'wslagent', 'ssh.sock');
  await chainFor(t, bed.twin, {target: 'pipe:nobody-has-this', socket: ssh});
  const {stdout, stderr, exitCode} = await bench();
  t.is(stdout, '');
  t.regex(
    stderr,
    /^wslagent: error: the agent behind .* SSH_AGENT_FAILURE.*\nwslagent: hint: unlock .*\nwslagent: hint: wslagent probe\n?$/,
  );
  t.is(exitCode, 69);
});
