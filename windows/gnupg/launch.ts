import path from 'node:path';
import type {GnupgSocket} from '../../shared/target.ts';
import {run} from '../system/run.ts';

const LAUNCH_MS = 15_000;

const running = new Map<string, Promise<boolean>>();

/**
 * Starts the program behind a socket, as gpg itself would; connections that want the same wait for the same
 * start. False when that failed or took too long.
 */
export function launch(gpgconf: string, socket: GnupgSocket): Promise<boolean> {
  const [program, ...args] = launchCommand(gpgconf, socket);
  const key = args.join(' ');
  let launching = running.get(key);
  if (launching === undefined) {
    launching = run(program, args, LAUNCH_MS, false).then(({code}) => code === 0);
    running.set(key, launching);
    void launching.then(() => running.delete(key));
  }
  return launching;
}

/** scdaemon is gpg-agent's child: it is asked for through the agent, which is started by the way. */
export function launchCommand(gpgconf: string, socket: GnupgSocket): [string, ...string[]] {
  if (socket === 'scdaemon-socket') {
    const connect = path.join(
      path.dirname(gpgconf),
      path.basename(gpgconf).replace('gpgconf', 'gpg-connect-agent'),
    );
    return [connect, 'SCD GETINFO version', '/bye'];
  }
  return [gpgconf, '--launch', socket === 'dirmngr-socket' ? 'dirmngr' : 'gpg-agent'];
}
