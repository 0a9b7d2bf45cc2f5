import type net from 'node:net';
import {FailureError} from '../../shared/failure.ts';
import {DialTimeout, dial} from './dial.ts';

/** How long a port of this machine may take to accept, in milliseconds. Windows takes 2 s to refuse. */
const CONNECT_MS = 5000;

/**
 * Connects to the port of loopback that a socket file names. `hint` is for when nobody listens there. Throws
 * FailureError `refused`.
 */
export async function dialPort(
  file: string,
  port: number,
  hint: string,
  signal: AbortSignal,
): Promise<net.Socket> {
  try {
    const socket = await dial({host: '127.0.0.1', port}, CONNECT_MS, signal);
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    if (signal.aborted) throw error;
    const why = error instanceof DialTimeout ? 'does not accept' : 'is closed';
    throw new FailureError({
      reason: 'refused',
      message: `port ${port} of socket file ${file} ${why}: its agent has gone`,
      hint,
    });
  }
}
