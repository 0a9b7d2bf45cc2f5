import {asFailure, type Failure, FailureError} from '../../shared/failure.ts';
import {formatTarget, isTargetError, parseTarget, type Target} from '../../shared/target.ts';
import {connectAssuan} from './assuan.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {pauseBetweenAttempts} from './pause.ts';
import {connectPipe} from './pipe.ts';

/** How long a pipe may be away before it counts as absent, in milliseconds: a server with one instance has none between two clients. */
const ABSENT_MS = 500;

/** An attempt that took so long waited for a busy pipe, which was therefore there just now, in milliseconds. */
const WAITED_MS = 50;

/** How long a pipe that comes and goes is tried, in milliseconds. */
const CROWD_MS = 10_000;

/** The target that answered: its place in the list, and the time until then in milliseconds. */
export type Reached = {index: number; elapsed: number; connection: AgentConnection};

/**
 * Connects to the first target that can be reached, in order. Throws FailureError that names them all.
 * Pipes that do not exist are tried again for a moment, unless `once`, but only after every target had its turn.
 */
export async function reach(targets: readonly Target[], options: ConnectOptions): Promise<Reached> {
  const started = performance.now();
  let seen = started;
  const failures = new Map<number, Failure>();
  for (let round = 0; ; round++) {
    for (const [index, target] of targets.entries()) {
      if (round > 0 && !mayAppear(target, failures.get(index))) continue;
      const attempt = performance.now();
      try {
        const connection = await connect(target, options);
        return {index, elapsed: performance.now() - started, connection};
      } catch (error) {
        if (options.signal.aborted) throw error;
        failures.set(index, asFailure(error));
        if (performance.now() - attempt > WAITED_MS) seen = performance.now();
      }
    }
    const now = performance.now();
    const hopeful = !options.once && targets.some((target, index) => mayAppear(target, failures.get(index)));
    if (!hopeful || now - seen > ABSENT_MS || now - started > CROWD_MS)
      throw new FailureError(combine(targets, [...failures.values()]));
    await pauseBetweenAttempts(options.signal);
  }
}

function mayAppear(target: Target, failure: Failure | undefined): boolean {
  return target.kind === 'pipe' && failure?.reason === 'absent';
}

async function connect(target: Target, options: ConnectOptions): Promise<AgentConnection> {
  switch (target.kind) {
    case 'pipe':
      return await connectPipe(target, options);
    case 'pageant':
      return await (await import('./pageant.ts')).connectPageant(target, options);
    case 'cygwin':
      return await (await import('./cygwin.ts')).connectCygwin(target.path, options);
    case 'unix':
      return await (await import('./unix.ts')).connectUnix(target.path, options);
    case 'assuan':
      return await connectAssuan(target.path, options);
    case 'gpg':
      // Brings child processes along; most helpers never need them.
      return await (await import('./gpg.ts')).connectGpg(target.socket, options);
  }
}

/** One failure for all: the first that is more than an absence speaks for the list. */
function combine(targets: readonly Target[], failures: Failure[]): Failure {
  const telling = failures.find(failure => failure.reason !== 'absent') ?? failures[0];
  if (telling === undefined) return {reason: 'badTarget', message: 'no target was named'};
  if (failures.length === 1) return telling;
  const reasons = failures.map((failure, index) => {
    const target = targets[index];
    return `${target === undefined ? '' : formatTarget(target)}: ${failure.message}`;
  });
  return {...telling, message: `none of ${failures.length} targets answered (${reasons.join('; ')})`};
}

/** Reads targets as they travel in OPEN frames and stand on command lines. Throws FailureError `badTarget`. */
export function parseTargets(texts: readonly string[]): Target[] {
  return texts.map(text => {
    const target = parseTarget(text);
    if (!isTargetError(target)) return target;
    throw new FailureError({reason: 'badTarget', message: target.error, hint: target.hint});
  });
}
