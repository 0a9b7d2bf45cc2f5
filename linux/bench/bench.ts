import {VERSION} from '../../shared/version.ts';
import {firstOf} from './first.ts';
import {measure} from './measure.ts';
import type {BenchReport, SocketReport} from './report.ts';
import type {BenchSocket} from './sockets.ts';
import {warmUp} from './warm-up.ts';

/** Windows may be cold, or the agent may ask the person whether it is to be unlocked, in milliseconds. */
const FIRST_MS = 15_000;

/** How much longer than asked for all of it may take, in milliseconds. */
const GRACE_MS = 10_000;

/**
 * Measures one socket after another; nothing but lists of keys is asked for. Takes about `seconds` for each, and at most
 * ten more. Rejects with UserError when one of them does not give a first answer.
 */
export async function bench(
  sockets: readonly BenchSocket[],
  seconds: number,
  say: (what: string) => void,
): Promise<BenchReport> {
  await warmUp();
  const limit = Math.min(FIRST_MS, seconds * 1000 + GRACE_MS);
  const firsts = [];
  for (const socket of sockets) {
    say(`${socket.path}: the first answer, for at most ${limit / 1000} s`);
    firsts.push({socket, first: await firstOf(socket, limit)});
  }
  const reports: SocketReport[] = [];
  for (const {socket, first} of firsts)
    reports.push(await measure(socket, first, {seconds, say: what => say(`${socket.path}: ${what}`)}));
  return {version: VERSION, sockets: reports};
}
