import {readdirSync, realpathSync} from 'node:fs';
import {listenersOn} from '../install/listeners.ts';
import {readProc} from '../proc.ts';

/** A process and its part of the memory (PSS), in bytes; those that it started, of this side of WSL, are beside it. */
export type Memory = {pid: number; program: string; pss: number; started: {processes: number; pss: number}};

/** The process whose memory is measured, or why there is none. */
export type Owner = {pid: number; program: string} | {reason: string};

/** Who listens on a socket. systemd holds the sockets of its services too, and is not meant. */
export async function socketOwner(path: string): Promise<Owner> {
  const places = [...new Set([path, realpathSync(path)])];
  const holders = [...(await listenersOn(places)).values()].flat();
  if (holders.length === 0) return {reason: 'who listens cannot be seen: another user, perhaps'};
  const [owner] = holders.filter(({program}) => program !== 'systemd');
  return owner ?? {reason: 'systemd listens, and starts a program for each connection'};
}

/** The memory of a process now; undefined when it cannot be read. */
export function memoryOf({pid, program}: {pid: number; program: string}): Memory | undefined {
  const own = pssOf(pid);
  if (own === undefined) return undefined;
  const started = descendants(pid).flatMap(child => pssOf(child) ?? []);
  const pss = started.reduce((sum, each) => sum + each, 0);
  return {pid, program, pss: own, started: {processes: started.length, pss}};
}

function pssOf(pid: number): number | undefined {
  const kib = /^Pss:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/smaps_rollup`))?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** All that a process started, and what those started. */
function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const child of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    // pid (comm) state ppid; the name may have brackets of its own
    const [, parent] = readProc(`/proc/${child}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    const siblings = children.get(Number(parent)) ?? [];
    children.set(Number(parent), [...siblings, Number(child)]);
  }
  const found: number[] = [];
  for (const next = [pid]; next.length > 0; ) {
    const mine = children.get(next.pop() ?? 0) ?? [];
    found.push(...mine);
    next.push(...mine);
  }
  return found;
}
