import {asFailure, type Failure, FailureError} from '../../shared/failure.ts';
import type {Target} from '../../shared/target.ts';
import {connectConfig, connectPipes} from '../pageant/pipes.ts';
import {connectWindow} from '../pageant/window.ts';
import type {AgentConnection, ConnectOptions} from './connection.ts';

/** Connects to Pageant, or to what stands in for it: by its pipe, else by its window. Throws FailureError. */
export async function connectPageant(
  target: Target & {kind: 'pageant'},
  options: ConnectOptions,
): Promise<AgentConnection> {
  const anyOwner = target.anyOwner ?? false;
  switch (target.via) {
    case 'config':
      return await connectConfig(target.path, anyOwner, options);
    case 'pipe':
      return await connectPipes(anyOwner, options);
    case 'window':
      return await connectWindow(options, anyOwner);
    case 'any':
      return await connectAny(anyOwner, options);
  }
}

async function connectAny(anyOwner: boolean, options: ConnectOptions): Promise<AgentConnection> {
  let pipe: Failure;
  try {
    return await connectPipes(anyOwner, options);
  } catch (error) {
    if (options.signal.aborted) throw error;
    pipe = asFailure(error);
  }
  // A stream can only be had from a pipe.
  if (options.protocol !== 'ssh-agent') throw new FailureError(pipe);
  try {
    return await connectWindow(options, anyOwner);
  } catch (error) {
    throw new FailureError(bothFailed(pipe, asFailure(error)));
  }
}

/** What is more than an absence speaks for both. */
function bothFailed(pipe: Failure, window: Failure): Failure {
  if (window.reason !== 'absent') return window;
  if (pipe.reason !== 'absent') return pipe;
  return {...window, message: `${pipe.message}; ${window.message}`};
}
