/** What a question stands on: an agent that counts, a relay, and a folder, all of which it ends and looks after. */
import {mkdir, mkdtemp, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {DIST} from '../../../linux/helper-command.ts';
import {type Child, startChild, startedListening} from '../../bench/child.ts';
import {processesOf} from '../../bench/processes.ts';
import {isRunning} from '../../is-running.ts';
import {poll} from '../../twin/poll.ts';
import {Load, type LoadOptions} from './load.ts';

/** An agent that counts. It can be killed and started again; what it counted stays. */
export type Agent = {
  target: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** How often each request to sign came. */
  tally(): Promise<Map<number, number>>;
};

export type RelayOptions = {
  socket: string;
  target: string;
  protocol?: 'ssh-agent' | 'assuan' | 'raw';
  sharing?: 'overflow' | 'never' | 'always';
};

/** Where parts run: the helper on this system's Node, or the exe under Wine. */
export type Place = {
  name: string;
  env: Record<string, string>;
  /** What WSLAGENT_HELPER is set to. */
  helper: string;
  /** Where folders for sockets are made. */
  parent: string;
  startAgent(folder: string): Promise<Agent>;
};

export type Ground = {
  place: Place;
  folder: string;
  agent: Agent;
  socket: string;
  startRelay(options?: Partial<RelayOptions>): Promise<RunningRelay>;
  /** Clients that ask at `socket`. */
  load(options: Omit<LoadOptions, 'socket'> & {socket?: string}): Load;
  /** Ends what still runs, and says what was left: processes of relays that are gone, files in the folder for temporary ones. */
  stop(): Promise<string[]>;
};

export type RunningRelay = {
  pid: number;
  child: Child;
  /** The processes of its helpers now. */
  helpers(): number[];
  /** All processes of the relay now, itself included. */
  processes(): number[];
  output(): Promise<string>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, which leaves the helpers to themselves. */
  kill(): Promise<void>;
};

/** How long helpers may stay after their relay, in milliseconds. */
const LEAVES_MS = 20_000;

export async function onGround<T>(place: Place, work: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = await makeGround(place);
  try {
    return await work(ground);
  } finally {
    await ground.stop();
  }
}

async function makeGround(place: Place): Promise<Ground> {
  const folder = await mkdtemp(join(place.parent, 'faults-'));
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const agent = await place.startAgent(folder);
  const relays: RunningRelay[] = [];
  const loads: Load[] = [];
  const family = new Set<number>();
  let left: string[] | undefined;
  const socket = join(folder, 's');
  return {
    place,
    folder,
    agent,
    socket,
    async startRelay(options = {}) {
      const relay = await startRelay(place, folder, {socket, target: agent.target, ...options}, family);
      relays.push(relay);
      return relay;
    },
    load(options) {
      const load = new Load({socket, ...options});
      loads.push(load);
      return load;
    },
    async stop() {
      if (left !== undefined) return left;
      for (const load of loads) await load.stop();
      for (const relay of relays) await relay.stop();
      await poll('helpers to leave', LEAVES_MS, () => ![...family].some(isRunning)).catch(() => {});
      const processes = [...family].filter(isRunning);
      for (const pid of processes) end(pid);
      left = [...processes.map(pid => `process ${pid}`), ...(await readdir(temporary))];
      await agent.kill();
      await rm(folder, {recursive: true, force: true});
      return left;
    },
  };
}

async function startRelay(
  place: Place,
  folder: string,
  {socket, target, protocol = 'ssh-agent', sharing = 'overflow'}: RelayOptions,
  family: Set<number>,
): Promise<RunningRelay> {
  const flags = {listen: socket, target, protocol, sharing, 'log-level': 'info'};
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const child = await startChild(process.execPath, [join(DIST, 'wslagent.mjs'), 'relay', ...words], {
    env: {...place.env, WSLAGENT_HELPER: place.helper, TMPDIR: join(folder, 'tmp')},
    log: join(folder, 'relay.log'),
  });
  await startedListening(child, socket);
  const processes = () => {
    const all = processesOf(child.pid);
    for (const pid of all) family.add(pid);
    return all;
  };
  const ended = () => child.process.exitCode !== null || child.process.signalCode !== null;
  const gone = () => poll('the relay to end', LEAVES_MS, ended);
  return {
    pid: child.pid,
    child,
    processes,
    helpers: () => processes().filter(pid => pid !== child.pid),
    output: child.output,
    async stop() {
      processes();
      if (!ended()) child.process.kill('SIGTERM');
      await gone().catch(() => child.process.kill('SIGKILL'));
      await gone();
      return child.process.exitCode;
    },
    async kill() {
      processes();
      child.process.kill('SIGKILL');
      await gone();
    },
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
}
