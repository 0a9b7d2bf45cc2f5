/** The line of so many shell profiles: socat on a socket, and the exe for each connection. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {builtExe} from '../../../linux/helper-command.ts';
import {listens} from '../../listens.ts';
import {poll} from '../poll.ts';
import type {Twin} from '../twin.ts';
import {CEILING} from './chain.ts';

/** `line` is what follows the exe's name, as it stands in a script; gives the socket, which ends with the test. */
export async function startSocat(
  t: ExecutionContext,
  twin: Twin,
  line: string,
  {socket, options = ',nofork', exe = builtExe()}: {socket?: string; options?: string; exe?: string} = {},
): Promise<string> {
  const listen = socket ?? path.join(await mkdtemp(path.join(twin.runtimeDir, 'socat-')), 's');
  const socat = spawn('socat', [`UNIX-LISTEN:${listen},fork`, `EXEC:"${exe} ${line}"${options}`], {
    env: twin.env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const gone = once(socat, 'exit');
  t.teardown(async () => {
    socat.kill('SIGTERM');
    await gone;
  });
  await poll('socat to listen', CEILING, () => listens(listen));
  return listen;
}
