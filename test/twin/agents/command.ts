import {appendFile} from 'node:fs/promises';
import {execa} from 'execa';
import {AgentsFault} from './fault.ts';

export type Command = {command: string; args: string[]; cwd?: string; env?: Record<string, string>};

// The longest single command (make on one slow core) takes minutes; one that takes this long is stuck.
const CEILING_MS = 45 * 60_000;

/**
 * Runs one command with everything it prints appended to the file `log`. Rejects with an AgentsFault that
 * names the command and the log when it fails or outlives its ceiling.
 */
export async function runLogged(log: string, {command, args, cwd, env}: Command): Promise<void> {
  await appendFile(log, `$ ${[command, ...args].join(' ')}\n`);
  const output = {file: log, append: true} as const;
  const result = await execa(command, args, {
    stdin: 'ignore',
    stdout: output,
    stderr: output,
    buffer: false,
    reject: false,
    timeout: CEILING_MS,
    ...(cwd !== undefined && {cwd}),
    ...(env && {env}),
  });
  if (result.failed) {
    const reason = result.timedOut
      ? 'it took too long'
      : (result.originalMessage ?? `exit ${result.exitCode}`);
    throw new AgentsFault(`${command} failed: ${reason}`, `tail -n 40 ${log}`);
  }
}
