import {readdirSync} from 'node:fs';
import {CHANNELS_MAX} from '../../shared/protocol/limits.ts';
import {readProc} from '../proc.ts';

/** What a helper's stdin, stdout and stderr take. */
const OF_A_HELPER = 3;

/** For what a start of a helper takes for a moment, for a log, and for the next accept. */
const SPARE = 12;

/** How many clients may be refused at a time: each is told first, and keeps its descriptor until then. */
const REFUSED_MIN = 8;
const REFUSED_MAX = 64;

/** How many connections the relay takes, how many more it refuses at a time, and the limit on open files if that is why. */
export type Room = {connections: number; refused: number; files: number | undefined};

/**
 * How many connections there is room for beside what is open now, so many sockets, and so many helpers. Without
 * descriptors libuv closes who waits to be accepted, and tells nobody.
 */
export function roomForConnections(sockets: number, maxHelpers: number): Room {
  // Node has raised it to the hard limit
  const files = openFilesLimit(readProc('/proc/self/limits'));
  const free = files - readdirSync('/proc/self/fd').length - sockets - SPARE;
  const refused = Math.min(Math.max(REFUSED_MIN, Math.floor(free / 8)), REFUSED_MAX);
  const forHelpers = Math.min(OF_A_HELPER * maxHelpers, (free - refused) / 2);
  const connections = Math.max(1, Math.floor(free - refused - forHelpers));
  if (connections < CHANNELS_MAX) return {connections, refused, files};
  return {connections: CHANNELS_MAX, refused, files: undefined};
}

/** The soft limit on open files in the text of /proc/PID/limits (proc(5)); boundless where it is not told. */
function openFilesLimit(limits: string): number {
  const soft = /^Max open files +([0-9]+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
