import {readFileSync} from 'node:fs';

/** The memory of a process that is not shared with a file, in bytes. */
export function anonymousMemory(pid: number): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}
