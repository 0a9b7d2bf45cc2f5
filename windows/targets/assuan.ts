import type net from 'node:net';
import type {AssuanSocketFile} from '../../shared/assuan/socket-file.ts';
import {FailureError, type FailureReason} from '../../shared/failure.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {DialTimeout, dial} from './dial.ts';
import {greeted} from './greeting.ts';
import {readSocketFile} from './socket-file.ts';

/** How long a port of this machine may take to accept, in milliseconds. Windows takes 2 s to refuse. */
const CONNECT_MS = 5000;

/** What a file that is out of date leads to: a closed port, or another agent, which does not know the nonce. */
const STALE = new Set<FailureReason>(['refused', 'agentClosed']);

/** Connects through a GnuPG socket file. Throws FailureError. */
export async function connectAssuan(path: string, options: ConnectOptions): Promise<AgentConnection> {
  const {signal} = options;
  const file = await readSocketFile(path, signal);
  try {
    return await connectPort(path, file, options);
  } catch (error) {
    if (!(error instanceof FailureError && STALE.has(error.failure.reason))) throw error;
    const now = await readSocketFile(path, signal);
    // Otherwise the agent was started again between our reading and our connecting.
    if (now.port === file.port && Buffer.compare(now.nonce, file.nonce) === 0) throw error;
    return await connectPort(path, now, options);
  }
}

async function connectPort(
  path: string,
  {port, nonce}: AssuanSocketFile,
  options: ConnectOptions,
): Promise<AgentConnection> {
  const stream = await open(path, port, options.signal);
  const connection: AgentConnection = {stream, detail: `${path} (port ${port})`, halfCloses: true};
  if (options.protocol === 'ssh-agent') {
    // gpg-agent leaves the sockets it accepts for ssh non-blocking and closes whenever it has to wait for
    // bytes: the nonce and one whole request must arrive together, and the next request needs a connection
    // of its own (seen with 2.4.9: 5 ms between the two is too long).
    return {...connection, preamble: nonce, oneRequest: true};
  }
  stream.write(nonce);
  return options.protocol === 'assuan' ? await greeted(connection, options.signal) : connection;
}

async function open(path: string, port: number, signal: AbortSignal): Promise<net.Socket> {
  try {
    const socket = await dial({host: '127.0.0.1', port}, CONNECT_MS, signal);
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    if (signal.aborted) throw error;
    const why = error instanceof DialTimeout ? 'does not accept' : 'is closed';
    throw new FailureError({
      reason: 'refused',
      message: `port ${port} of socket file ${path} ${why}: its agent has gone`,
      hint: 'start it again: gpgconf.exe --launch gpg-agent',
    });
  }
}
