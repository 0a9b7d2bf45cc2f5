/** What /proc says of the processes of one way: who they are, their CPU time, their descriptors. */
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';

/** A clock tick of /proc/PID/stat: USER_HZ is 100 on every Linux that there is. */
const TICK_SECONDS = 0.01;

type Entry = {pid: number; parent: number; session: number; seconds: number; name: string};

function entries(): Entry[] {
  return readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? (entry(name) ?? []) : []));
}

/** One line of /proc/PID/stat (proc(5)); undefined for a process that is gone, or dead and not reaped. */
function entry(pid: string): Entry | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // the name may hold anything, parentheses too
  const end = line.lastIndexOf(')');
  const fields = line.slice(end + 2).split(' ');
  if (/^[ZX]$/.test(fields[0] ?? '')) return undefined;
  return {
    pid: Number(pid),
    parent: Number(fields[1]),
    session: Number(fields[3]),
    seconds: (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS,
    name: line.slice(line.indexOf('(') + 1, end),
  };
}

/** A process that leads a session, all of that session, and all that descends from them: a relay's helpers have their own. */
export function processesOf(leader: number): number[] {
  const all = entries();
  const found = new Set(
    all.filter(({pid, session}) => pid === leader || session === leader).map(({pid}) => pid),
  );
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const {pid, parent} of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Wine's own server, which stands for Windows' kernel: what it needs is told apart. */
export function wineserver(): number[] {
  return entries().flatMap(({pid, name}) => (name.startsWith('wineserver') ? pid : []));
}

/** Whether a process is a Windows program. */
export function isWindows(pid: number): boolean {
  try {
    return /\/wine[^/]*$/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}

/** CPU time of each of these so far, in seconds, to the next hundredth; those that are gone are left out. */
export function cpuSeconds(pids: readonly number[]): Map<number, number> {
  return new Map(pids.flatMap(pid => entry(String(pid)) ?? []).map(({pid, seconds}) => [pid, seconds]));
}

/** CPU seconds between two looks, of those that are still there: what one that has ended had used is not known. */
export function usedSince(before: Map<number, number>, after: Map<number, number>): number {
  return [...after].reduce((sum, [pid, seconds]) => sum + seconds - (before.get(pid) ?? 0), 0);
}

/** How many descriptors these processes have open. */
export function descriptors(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      return sum;
    }
  }, 0);
}
