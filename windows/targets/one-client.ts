import path from 'node:path';
import type {PipeHandle} from '../native/pipe-handle.ts';
import {programOf} from '../native/process.ts';

/**
 * The programs that serve one client of a pipe after the other although the pipe does not say so. gpg-agent's thread
 * for OpenSSH's clients makes an instance "of an unlimited number", serves its client to the end, closes it, and
 * makes the next (gpg-agent.c, win32_openssh_thread).
 */
const ONE_AT_A_TIME = new Set(['gpg-agent.exe']);

/** Whether a connection to this pipe keeps everybody else out while it lasts. */
export function servesOneClient({instances, serverPid}: PipeHandle): boolean {
  if (instances === 1) return true;
  const program = serverPid === 0 ? undefined : programOf(serverPid);
  return program !== undefined && ONE_AT_A_TIME.has(path.win32.basename(program).toLowerCase());
}
