/** Scripts of test/fixtures as Windows programs: run by the same node.exe that the helper is made of. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, mkdtemp, open, readFile, rename} from 'node:fs/promises';
import path from 'node:path';
import {nodeArchive, unpackNodeExe} from '../../../.ci/build/node-win.ts';
import {poll} from '../poll.ts';
import type {Twin} from '../twin.ts';
import {CEILING} from './ceiling.ts';

const FIXTURES = path.join(import.meta.dirname, '..', '..', 'fixtures');

export type WindowsProgram = {
  pid: number;
  /** What it printed so far, both streams. */
  output(): Promise<string>;
  stop(): Promise<void>;
};

export type WindowsNode = {
  /** Starts a fixture, or another script by its path, and resolves when it says `listening`. */
  start(fixture: string, ...args: string[]): Promise<WindowsProgram>;
  /** Ends all that still run. */
  stop(): Promise<void>;
};

/**
 * Puts node.exe on the twin's Windows side, as the program of this name: who an agent is, is told by its program. Home
 * stays as it is, which tests of installations compare.
 */
export async function windowsNode(twin: Twin, name = 'node.exe'): Promise<WindowsNode> {
  const folder = await mkdtemp(path.join(twin.localAppData.linux, 'node-'));
  const exe = path.join(folder, name);
  await rename(await unpackNodeExe(await nodeArchive('x64', folder), folder), exe);
  await chmod(exe, 0o755);
  const programs: WindowsProgram[] = [];
  return {
    async start(fixture, ...args) {
      const log = path.join(folder, `${programs.length}.log`);
      const program = await startProgram(
        twin,
        exe,
        [twin.toWindows(path.resolve(FIXTURES, fixture)), ...args],
        log,
      );
      programs.push(program);
      return program;
    },
    async stop() {
      for (const program of programs.splice(0)) await program.stop();
    },
  };
}

async function startProgram(twin: Twin, exe: string, args: string[], log: string): Promise<WindowsProgram> {
  // a file, because Wine's own processes would keep a pipe open
  const file = await open(log, 'a');
  const child = spawn(exe, args, {env: twin.env, stdio: ['ignore', file.fd, file.fd]});
  await file.close();
  const gone = once(child, 'exit');
  const output = () => readFile(log, 'utf8');
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    const over = () => child.exitCode !== null || child.signalCode !== null;
    await poll(`${args[0]} to listen`, CEILING, async () => over() || (await output()).includes('listening'));
    if (over()) throw new Error(`${args[0]} ended: ${await output()}`);
    return {pid: child.pid ?? 0, output, stop};
  } catch (error) {
    await stop();
    throw error;
  }
}
