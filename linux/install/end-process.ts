import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {UserError} from '../errors.ts';

/** gpg-agent waits for its connections to end before it leaves; milliseconds. */
const PATIENCE = 10_000;

/**
 * Asks a process to leave and waits until it has: a GnuPG daemon removes its socket files when it goes, which
 * must not hit ours. Not through gpgconf, which asks whoever answers on the socket. False when it was gone.
 * Throws UserError when it stays.
 */
export async function endProcess({pid, program}: {pid: number; program: string}): Promise<boolean> {
  if (!runs(pid, program)) return false;
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
  const end = performance.now() + PATIENCE;
  while (runs(pid, program)) {
    if (performance.now() > end)
      throw new UserError(`${program} (pid ${pid}) does not end`, `kill -9 ${pid}`);
    await sleep(50);
  }
  return true;
}

/** Whether this process is still that program; a process id may belong to another by now. */
function runs(pid: number, program: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const zombie = stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
    return !zombie && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === program;
  } catch {
    return false;
  }
}
