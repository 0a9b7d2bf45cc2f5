/** Whether the machine has room for so many connections of a way; why not, else. */
import {readFileSync} from 'node:fs';
import type {Way} from './ways/way.ts';

/** Of what is available, this much may be taken. */
const SHARE = 0.7;

export function roomFor({mebibytesEach, most}: Way, connections: number): string | undefined {
  if (most !== undefined && connections > most.connections) return most.why;
  const needed = mebibytesEach * connections;
  return needed > available() * SHARE
    ? `it would take about ${(needed / 1024).toFixed(0)} GiB of memory`
    : undefined;
}

/** In MiB. */
function available(): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib ?? 0) / 1024;
}
