/**
 * The first connection after nobody came for long: the relay, which runs as the units of an installation have it, has left
 * and is started again by systemd. Who keeps nothing is asked after a pause.
 */
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import {RELAY_SERVICE, socketUnit, unitItems} from '../../../linux/install/units.ts';
import {poll} from '../../twin/poll.ts';
import {twinHasSystemd} from '../../twin/twin.ts';
import {quiet} from '../quiet.ts';
import {inTurn} from '../rounds.ts';
import {socketClient} from '../ways/socket-client.ts';
import type {Bed, Client, Samples, Target} from '../ways/way.ts';
import {addTo, samplesOf, summaryOf} from './latency.ts';
import type {Ask} from './question.ts';

const ENDPOINT = 'bench-idle';
const SERVICE_IDLE = '500ms';
const LEAVES_MS = 30_000;
/** After the relay has left, so that systemd has put it away, in milliseconds. */
const REST_MS = 300;

type Idle = {
  name: string;
  client: Client;
  /** Until nothing of the connection before is left. */
  rest(): Promise<void>;
};

export const idle: Ask = async ({bed, target, contestants, plan, server, add, leaveOut, say}) => {
  const ways: Idle[] = contestants
    .filter(({way}) => !way.ours && !way.direct)
    .map(({way, running}) => ({
      name: way.name,
      client: running.client,
      rest: () => quiet(running.processes),
    }));
  const isAsked = contestants.some(({way}) => way.ours?.sharing === 'overflow');
  const why = isAsked && !twinHasSystemd() ? 'there is no systemd in this twin' : undefined;
  if (why !== undefined) leaveOut('wslagent: after idle exit', why);
  const units = isAsked && why === undefined ? await startUnits(bed, target) : undefined;
  if (units !== undefined) ways.unshift(units);
  try {
    const all = new Map<string, Samples>();
    // once more than told: the first time warms up
    await inTurn(ways, plan.idle.rounds + 1, async ({name, client, rest}, round) => {
      say(`idle (${server}): ${name}, ${round === 0 ? 'warm-up' : `${round} of ${plan.idle.rounds}`}`);
      await rest();
      const told = await client.first(1);
      if (round > 0) addTo(samplesOf(all, name), told);
    });
    for (const {name: way} of ways) {
      const {samples, failures} = samplesOf(all, way);
      add({question: 'idle', server, way, ...summaryOf(samples), failures});
    }
  } finally {
    await units?.stop();
  }
};

/** The units that an installation would have, with a shorter idle exit. */
async function startUnits({twin}: Bed, {pipe, protocol}: Target): Promise<Idle & {stop(): Promise<void>}> {
  const config = join(twin.home, '.config/wslagent/config.toml');
  const socket = join(twin.runtimeDir, 'wslagent', `${ENDPOINT}.sock`);
  const targets = [pipe];
  const settings = [
    `[relay]\nidle_exit = "${SERVICE_IDLE}"`,
    `[endpoints.${ENDPOINT}]\nprotocol = "${protocol}"\ntargets = ${JSON.stringify(targets)}\n`,
  ];
  const items = unitItems({
    mode: 'daemon',
    endpoints: [{name: ENDPOINT, protocol, targets, listen: socket, gnupg: false, about: 'the benchmark'}],
    unitDir: join(twin.home, '.config/systemd/user'),
    runtimeDir: twin.runtimeDir,
    wslagent: [process.execPath, join(DIST, 'wslagent.mjs')],
    helper: [],
    helperVariable: process.env.WSLAGENT_HELPER ?? builtExe(),
  });
  const files = new Map<string, string>([[config, settings.join('\n\n')]]);
  for (const item of items) if (item.kind === 'file') files.set(item.path, item.content);
  const systemctl = async (...args: string[]) => {
    const {exitCode, stdout, stderr} = await twin.run('systemctl', ['--user', ...args]);
    if (exitCode !== 0 && args[0] !== 'is-active') throw new Error(`systemctl ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const hasLeft = async () => (await systemctl('is-active', RELAY_SERVICE)) === 'inactive';
  const stop = async () => {
    await systemctl('stop', socketUnit(ENDPOINT), RELAY_SERVICE);
    for (const path of files.keys()) await rm(path);
    await systemctl('daemon-reload');
  };
  for (const [path, content] of files) {
    await mkdir(dirname(path), {recursive: true});
    await writeFile(path, content);
  }
  await systemctl('daemon-reload');
  await systemctl('start', socketUnit(ENDPOINT));
  return {
    name: 'wslagent',
    client: socketClient(socket),
    async rest() {
      await poll('the relay to leave', LEAVES_MS, hasLeft);
      await sleep(REST_MS);
    },
    stop,
  };
}
