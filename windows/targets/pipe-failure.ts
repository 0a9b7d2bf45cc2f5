import type {Failure} from '../../shared/failure.ts';
import {absentPipeHint, showPipe} from './pipe-name.ts';

const SEE = 'wslagent probe';

/** The pipe does not exist. */
export function absentPipe(name: string): Failure {
  return {reason: 'absent', message: `pipe ${showPipe(name)} does not exist`, hint: absentPipeHint(name)};
}

/** Every instance of the pipe is taken. */
export function busyPipe(name: string): Failure {
  return {
    reason: 'busy',
    message: `pipe ${showPipe(name)} stayed busy: another connection holds it`,
    hint: 'close programs and ssh sessions that use this agent, then try again',
  };
}

/** Another connection of ours has the only place of a pipe. */
export function takenPipe(name: string, milliseconds: number): Failure {
  const since = milliseconds > 0 ? ` for ${milliseconds / 1000} s` : '';
  return {
    reason: 'busy',
    message: `pipe ${showPipe(name)} serves one client at a time, and another connection of wslagent has had it${since}`,
    hint: 'look for a question on the windows desktop (a PIN, a confirmation), answer it, then try again',
  };
}

/** It is our turn, and yet the only place of the pipe is taken. */
export function foreignPipe(name: string): Failure {
  return {
    reason: 'busy',
    message: `pipe ${showPipe(name)} serves one client at a time, and another program on windows holds it`,
    hint: 'close that program, or answer the question on the windows desktop, then try again',
  };
}

/** The pipe's access rights are not for us. */
export function deniedPipe(name: string): Failure {
  return {
    reason: 'denied',
    message: `windows denied access to pipe ${showPipe(name)}`,
    hint: 'run the agent as the same user, and neither it nor wsl as administrator',
  };
}

/** A socket of Linux on which nobody listens. */
export function deadPipe(name: string): Failure {
  return {
    reason: 'refused',
    message: `nobody listens on pipe ${showPipe(name)}`,
    hint: `start the agent that owns it\n${SEE}`,
  };
}

/** Something else has this name: a disk file, a device. */
export function notPipe(name: string): Failure {
  return {
    reason: 'badTarget',
    message: `pipe ${showPipe(name)} is not a pipe`,
    hint: SEE,
  };
}

/** The pipe is somebody's who should not get our keys' requests. */
export function untrustedPipe(name: string, why: string): Failure {
  return {
    reason: 'untrusted',
    message: `pipe ${showPipe(name)} ${why}`,
    hint: `find out who made it; if it is to be trusted, name the target any-owner:pipe:${name}`,
  };
}

/** Anything else. */
export function brokenPipe(name: string, why: string): Failure {
  return {reason: 'internal', message: `cannot open pipe ${showPipe(name)}: ${why}`};
}
