import {FailureError, type FailureReason} from '../../shared/failure.ts';
import type {GnupgSocket} from '../../shared/target.ts';
import {launch, launchCommand} from '../gnupg/launch.ts';
import {forgetGnupg, placeOf} from '../gnupg/place.ts';
import {connectAssuan} from './assuan.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {pauseBetweenAttempts} from './pause.ts';
import {connectPipe} from './pipe.ts';

/** How long a program that was launched may take to answer, in milliseconds. */
const START_MS = 5000;

/** GnuPG's own programs wait 5 s for what they start, in milliseconds; what fails faster has failed. */
const GIVES_UP_MS = 4000;

/** Connects to one of GnuPG's sockets, starting its program when it does not run. Throws FailureError. */
export async function connectGpg(socket: GnupgSocket, options: ConnectOptions): Promise<AgentConnection> {
  const {path, gpgconf} = await placeOf(socket);
  try {
    return await connectAt(path, options);
  } catch (error) {
    if (!isDown(error)) throw error;
    forgetGnupg();
    if (gpgconf === undefined || !options.launch) throw error;
  }
  return await start(gpgconf, socket, options);
}

/** Windows has socket files with a port inside; on Linux the sockets are sockets. */
function connectAt(path: string, options: ConnectOptions): Promise<AgentConnection> {
  return process.platform === 'win32' ? connectAssuan(path, options) : connectPipe({path}, options);
}

const DOWN = new Set<FailureReason>(['absent', 'refused', 'agentClosed', 'badGreeting', 'badTarget']);

/**
 * Whether a failure means that nobody runs behind the socket, or no longer: what died left a file behind, in pieces
 * perhaps, and by now its port may be another program's.
 */
function isDown(error: unknown): boolean {
  return error instanceof FailureError && DOWN.has(error.failure.reason);
}

async function start(
  gpgconf: string,
  socket: GnupgSocket,
  options: ConnectOptions,
): Promise<AgentConnection> {
  const begun = performance.now();
  const launched = await launch(gpgconf, socket);
  // One that gave up after waiting may have started a program that is only slow.
  const hopeful = launched || performance.now() - begun > GIVES_UP_MS;
  const deadline = performance.now() + START_MS;
  for (;;) {
    const {path} = await placeOf(socket);
    try {
      return await connectAt(path, options);
    } catch (error) {
      if (!isDown(error)) throw error;
      if (!hopeful || performance.now() > deadline) {
        const [, ...args] = launchCommand(gpgconf, socket);
        throw new FailureError({
          reason: 'notStarted',
          message: launched
            ? `${path} does not answer ${START_MS / 1000} s after its program was launched`
            : `the program of ${path} could not be launched`,
          hint: `${socket === 'scdaemon-socket' ? 'gpg-connect-agent.exe' : 'gpgconf.exe'} ${args.map(quote).join(' ')}`,
        });
      }
    }
    await pauseBetweenAttempts(options.signal);
  }
}

function quote(argument: string): string {
  return argument.includes(' ') ? `"${argument}"` : argument;
}
