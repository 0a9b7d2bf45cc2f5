/** The relay as a process, with the built exe behind it and a socket in front: what each end-to-end test starts. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {builtExe, DIST} from '../../../linux/helper-command.ts';
import type {EndpointProtocol} from '../../../shared/endpoint.ts';
import {isRunning} from '../../is-running.ts';
import {poll} from '../poll.ts';
import type {RunOptions, Twin} from '../twin.ts';
import {CEILING} from './ceiling.ts';

export {CEILING};

export type ChainOptions = {
  target: string;
  protocol?: EndpointProtocol;
  sharing?: 'overflow' | 'never' | 'always';
  spares?: number;
  maxHelpers?: number;
  /** A socket's path; without it one in a new folder. */
  socket?: string;
  /** What WSLAGENT_HELPER is set to, in place of the built exe. */
  helper?: string;
  /** A command that runs the relay in its own place, as `env` would. */
  inside?: string[];
};

export type Chain = {
  socket: string;
  pid: number;
  /** The twin's environment with this socket as SSH_AUTH_SOCK. */
  env: Record<string, string>;
  /** What the relay wrote to stderr so far: what the journal would hold. */
  lines: string[];
  /** Waits for a line, from number `from` on, and gives it. */
  line(pattern: RegExp, from?: number): Promise<string>;
  /** The pids of all helpers so far, in the order in which they were started. */
  helpers(): number[];
  /** Waits until `count` helpers have greeted, those included that are gone. */
  ready(count: number): Promise<void>;
  /** SIGTERM; gives the exit code. Throws when a helper outlives the relay. A second call gives the same. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when the relay is gone, and not before. */
  kill(): Promise<void>;
};

const MAIN = path.join(DIST, 'wslagent.mjs');

/** What a failed test shows of each relay, in lines. */
const LAST_LINES = 40;

const started: Chain[] = [];

test.afterEach.always(t => {
  if (t.passed) return;
  for (const {pid, lines} of started) t.log(`relay ${pid} said:`, lines.slice(-LAST_LINES).join('\n'));
});

/** Starts `wslagent relay --listen …` and resolves when it listens. Rejects with its words when it ends before. */
export async function startChain(twin: Twin, options: ChainOptions): Promise<Chain> {
  const socket = options.socket ?? path.join(await mkdtemp(path.join(twin.runtimeDir, 'chain-')), 's');
  const {child, lines, over} = startRelay(twin, socket, options);
  const listens = () => lines.some(line => line.includes(`listening on ${socket}`));
  await poll('the relay to listen', CEILING, () => hasEnded(child) || listens());
  if (!listens()) throw new Error(`the relay ended with ${child.exitCode}: ${lines.join(' / ')}`);
  const helpers = () => pidsIn(lines, /helper (\d+): started/);
  const chain: Chain = {
    socket,
    pid: child.pid ?? 0,
    env: {...twin.env, SSH_AUTH_SOCK: socket},
    lines,
    helpers,
    async line(pattern, from = 0) {
      const find = () => lines.find((line, index) => index >= from && pattern.test(line));
      await poll(`a line like ${pattern} in\n${lines.join('\n')}\n`, CEILING, () => find() !== undefined);
      return find() ?? '';
    },
    ready: count =>
      poll(`${count} helpers`, CEILING, () => pidsIn(lines, /helper (\d+): ready/).length >= count),
    async stop() {
      child.kill('SIGTERM');
      await over();
      const left = helpers().filter(isRunning);
      if (left.length > 0) throw new Error(`the relay left helpers behind: ${left.join(', ')}`);
      return child.exitCode;
    },
    async kill() {
      child.kill('SIGKILL');
      await over();
    },
  };
  started.push(chain);
  return chain;
}

/** A chain for one test: stopped, at the latest, when that is over. */
export async function chainFor(t: ExecutionContext, twin: Twin, options: ChainOptions): Promise<Chain> {
  const chain = await startChain(twin, options);
  t.teardown(async () => void (await chain.stop()));
  return chain;
}

/** Runs a Linux program with the relay's socket; its stdout, once it has ended with 0. Throws with what was said. */
export async function runWith(
  {env, lines}: Chain,
  twin: Twin,
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await twin.run(command, args, {...options, env: {...env, ...options.env}});
  if (result.exitCode === 0) return result.stdout;
  const told = `${command} ${args.join(' ')} ended with ${result.exitCode}: ${result.stderr}`;
  throw new Error([told, ...lines].join('\n'));
}

/** Runs a relay that is expected to end by itself; gives its exit code and what it wrote to stderr. */
export async function failingRelay(
  twin: Twin,
  options: ChainOptions & {socket: string},
): Promise<{exitCode: number | null; lines: string[]}> {
  const {child, lines, over} = startRelay(twin, options.socket, options);
  await over();
  return {exitCode: child.exitCode, lines};
}

/** The pids of all processes of the exe, whoever started them. */
export function helperProcesses(): number[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.map(Number).filter(pid => {
    try {
      // Windows' name of the program, which is what Wine puts first
      return (
        /^[^\0]*[\\/]wslagent-helper\.exe\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1')) &&
        isRunning(pid)
      );
    } catch {
      return false;
    }
  });
}

function startRelay(twin: Twin, socket: string, options: ChainOptions) {
  const {target, protocol, sharing, spares, maxHelpers, helper = builtExe()} = options;
  const flags = {listen: socket, target, protocol, sharing, spares, 'max-helpers': maxHelpers};
  const args = Object.entries({...flags, 'log-level': 'debug'}).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  const [command = process.execPath, ...rest] = [...(options.inside ?? []), process.execPath, MAIN, 'relay'];
  const child = spawn(command, [...rest, ...args], {
    env: {...twin.env, WSLAGENT_HELPER: helper},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  let open = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (open + text).split('\n');
    open = parts.pop() ?? '';
    lines.push(...parts);
  });
  const closed = once(child, 'close').catch(() => {});
  /** Waits until it is gone and all that it wrote is read; one that stays is killed, and has no exit code then. */
  const over = async () => {
    const late = setTimeout(() => child.kill('SIGKILL'), CEILING);
    await closed;
    clearTimeout(late);
  };
  return {child, lines, over};
}

function hasEnded({exitCode, signalCode}: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function pidsIn(lines: string[], pattern: RegExp): number[] {
  return lines.flatMap(line => pattern.exec(line)?.[1] ?? []).map(Number);
}
