import type net from 'node:net';
import {type Failure, FailureError} from '../../shared/failure.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';
import {DialTimeout, dial} from './dial.ts';
import {greeted} from './greeting.ts';
import {pauseBetweenAttempts} from './pause.ts';
import {absentPipeHint, pipePath, showPipe} from './pipe-name.ts';
import {inTurn} from './turns.ts';

/** How long a pipe may stay busy, in milliseconds. */
const BUSY_MS = 10_000;

/** Connects to a named pipe, waiting while it is busy. Throws FailureError; `absent` at once. */
export async function connectPipe(name: string, options: ConnectOptions): Promise<AgentConnection> {
  const deadline = performance.now() + BUSY_MS;
  const stream = await inTurn(name, () => open(name, options, deadline));
  if (!(stream.writable && stream.readable)) {
    // Denied both ways, libuv opens a pipe for one of them (pipe.c, open_named_pipe).
    stream.destroy();
    throw new FailureError(denied(name));
  }
  const connection = {stream, detail: showPipe(name), halfCloses: process.platform !== 'win32'};
  return options.protocol === 'assuan' ? await greeted(connection, options.signal) : connection;
}

async function open(name: string, {signal}: ConnectOptions, deadline: number): Promise<net.Socket> {
  for (;;) {
    try {
      return await dial({path: pipePath(name)}, deadline - performance.now(), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const failure = explain(name, error);
      const late = error instanceof DialTimeout || performance.now() > deadline;
      if (failure.reason !== 'busy' || late) throw new FailureError(failure);
      await pauseBetweenAttempts(signal);
    }
  }
}

function explain(name: string, error: unknown): Failure {
  const pipe = `pipe ${showPipe(name)}`;
  if (error instanceof DialTimeout) return busy(pipe);
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  switch (code) {
    case 'ENOENT':
      return {reason: 'absent', message: `${pipe} does not exist`, hint: absentPipeHint(name)};
    case 'EPERM':
    case 'EACCES':
      return denied(name);
    // Wine's word for a busy pipe whose last instance goes away; Windows says ENOENT.
    case 'UNKNOWN':
    case 'EBUSY':
    case 'EAGAIN':
    case 'ETIMEDOUT':
      return busy(pipe);
    case 'ECONNREFUSED':
      return {
        reason: 'refused',
        message: `nobody listens on ${pipe}`,
        hint: 'start the agent that owns it; to see what is there: wslagent probe',
      };
    case 'EBADF':
    case 'ENOTSOCK':
    case 'EISDIR':
    case 'ENOTDIR':
    case 'EINVAL':
      return {
        reason: 'badTarget',
        message: `${pipe} is not a pipe`,
        hint: 'to see which pipes are there: wslagent probe',
      };
    default:
      return {reason: 'internal', message: `cannot open ${pipe}: ${code ?? String(error)}`};
  }
}

function busy(pipe: string): Failure {
  return {
    reason: 'busy',
    message: `${pipe} stayed busy: another connection holds it`,
    hint: 'close programs and ssh sessions that use this agent, then try again',
  };
}

function denied(name: string): Failure {
  return {
    reason: 'denied',
    message: `windows denied access to pipe ${showPipe(name)}`,
    hint: 'run the agent as the same user, and neither it nor wsl as administrator',
  };
}
