/** A socket that outlives its relays, as systemd keeps it: who comes between two of them waits in its queue. */
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {DIST} from '../../../linux/helper-command.ts';
import {startChild, startedListening} from '../../bench/child.ts';
import {isRunning} from '../../is-running.ts';
import {poll} from '../../twin/poll.ts';
import type {Ground} from './ground.ts';

const ENDPOINT = 'faults';
const STARTS_MS = 30_000;

/** Starts a relay as soon as the one before has ended: a shell holds the socket, and each relay is a process of its own. */
const AGAIN = 'while [ ! -e "$1/over" ]; do sh "$0" "$@"; echo "code $?"; done';
const ONE = 'echo "pid $$"; LISTEN_PID=$$; export LISTEN_PID; shift; exec "$@"';

export type Activated = {
  socket: string;
  /** Waits until a relay listens to signals, and gives its pid. */
  relay(): Promise<number>;
  /** The exit codes of those that have ended. */
  codes(): Promise<number[]>;
  stop(): Promise<void>;
};

export async function startActivated({place, folder, agent}: Ground): Promise<Activated> {
  const [config, socket, log] = [
    join(folder, 'config'),
    join(folder, 'activated'),
    join(folder, 'activated.log'),
  ];
  await mkdir(join(config, 'wslagent'), {recursive: true});
  await writeFile(
    join(config, 'wslagent/config.toml'),
    `[endpoints.${ENDPOINT}]\nprotocol = "ssh-agent"\ntargets = ["${agent.target}"]\n`,
  );
  const [one, again] = [join(folder, 'one.sh'), join(folder, 'again.sh')];
  await writeFile(one, ONE);
  await writeFile(again, AGAIN.replace('"$0"', `'${one}'`));
  const activate = ['--listen', socket, '--fdname', ENDPOINT, 'sh', again, folder];
  const relay = [process.execPath, join(DIST, 'wslagent.mjs'), 'relay', '--log-level', 'info'];
  const env = {
    ...place.env,
    WSLAGENT_HELPER: place.helper,
    XDG_CONFIG_HOME: config,
    XDG_RUNTIME_DIR: folder,
    TMPDIR: join(folder, 'tmp'),
  };
  const settings = Object.entries(env).map(([name, value]) => `--setenv=${name}=${value}`);
  const child = await startChild('systemd-socket-activate', [...settings, ...activate, ...relay], {env, log});
  await startedListening(child, socket);
  const said = () => readFile(log, 'utf8');
  const numbers = async (pattern: RegExp) =>
    [...(await said()).matchAll(pattern)].map(([, number]) => Number(number));
  let known = 0;
  return {
    socket,
    async relay() {
      let pid = 0;
      await poll('a relay to serve', STARTS_MS, async () => {
        pid = (await numbers(/^pid (\d+)$/gm)).at(-1) ?? 0;
        const served = (await said()).split(`pid ${pid}\n`).at(-1) ?? '';
        return pid !== known && isRunning(pid) && served.includes('listening on');
      });
      known = pid;
      return pid;
    },
    codes: () => numbers(/^code (\d+)$/gm),
    async stop() {
      await writeFile(join(folder, 'over'), '');
      const [last] = (await numbers(/^pid (\d+)$/gm)).slice(-1);
      if (last !== undefined && isRunning(last)) {
        process.kill(last, 'SIGTERM');
        await poll('the last relay to end', STARTS_MS, () => !isRunning(last)).catch(() => {});
      }
      await child.stop();
    },
  };
}
