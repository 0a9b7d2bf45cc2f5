/** A relay as an installation has it: the units of systemd/, under a real `systemd --user`. */
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {DIST} from '../../../linux/helper-command.ts';
import {RELAY_SERVICE, socketUnit, unitItems} from '../../../linux/install/units.ts';
import {isRunning} from '../../is-running.ts';
import {poll} from '../../twin/poll.ts';
import type {Twin} from '../../twin/twin.ts';
import type {Stopping} from '../questions/relay-stopped.ts';
import type {Ground} from './ground.ts';

const ENDPOINT = 'faults';
const STARTS_MS = 45_000;
/** The exe takes about a second to start. */
const PAUSE_MS = 4000;

export async function startUnits({place, agent}: Ground, twin: Twin): Promise<Stopping> {
  const socket = join(twin.runtimeDir, 'wslagent', `${ENDPOINT}.sock`);
  const config = join(twin.home, '.config/wslagent/config.toml');
  const targets = [agent.target];
  const items = unitItems({
    mode: 'daemon',
    endpoints: [
      {name: ENDPOINT, protocol: 'ssh-agent', targets, listen: socket, gnupg: false, about: 'faults'},
    ],
    unitDir: join(twin.home, '.config/systemd/user'),
    runtimeDir: twin.runtimeDir,
    wslagent: [process.execPath, join(DIST, 'wslagent.mjs')],
    helper: [],
    helperVariable: place.helper,
  });
  const endpoint = `[endpoints.${ENDPOINT}]\nprotocol = "ssh-agent"\ntargets = ${JSON.stringify(targets)}\n`;
  const files = new Map<string, string>([[config, endpoint]]);
  for (const item of items) if (item.kind === 'file') files.set(item.path, item.content);
  const systemctl = async (...args: string[]) => {
    const {exitCode, stdout, stderr} = await twin.run('systemctl', ['--user', ...args]);
    if (exitCode !== 0) throw new Error(`systemctl ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  for (const [path, content] of files) {
    await mkdir(dirname(path), {recursive: true});
    await writeFile(path, content);
  }
  await systemctl('daemon-reload');
  await systemctl('start', socketUnit(ENDPOINT));
  const codes: number[] = [];
  let pid = 0;
  return {
    socket,
    pause: PAUSE_MS,
    async ready() {
      const before = pid;
      await poll('systemd to start a relay', STARTS_MS, async () => {
        pid = Number(await systemctl('show', '--property=MainPID', '--value', RELAY_SERVICE));
        return pid !== before && pid > 0 && isRunning(pid);
      });
    },
    async stopRelay() {
      process.kill(pid, 'SIGTERM');
      await poll('the relay to end', STARTS_MS, () => !isRunning(pid));
      codes.push(Number(await systemctl('show', '--property=ExecMainStatus', '--value', RELAY_SERVICE)));
    },
    codes: async () => codes,
    async stop() {
      await systemctl('stop', socketUnit(ENDPOINT), RELAY_SERVICE);
      for (const path of files.keys()) await rm(path);
      await systemctl('daemon-reload');
    },
  };
}
