import {statSync} from 'node:fs';
import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {AskError, firstAnswer} from './asker.ts';
import type {First} from './measure.ts';
import type {BenchSocket} from './sockets.ts';

/**
 * The very first connection, alone: it starts what does not run yet, and a locked agent asks the person once and not many
 * times. Rejects with UserError when there is no answer within `limit` milliseconds.
 */
export async function firstOf(socket: BenchSocket, limit: number): Promise<First> {
  try {
    const {asker, elapsed} = await firstAnswer(socket.path, {deadline: limit});
    asker.close();
    return {keys: asker.keys, elapsed};
  } catch (error) {
    throw error instanceof AskError ? explained(error, socket) : error;
  }
}

/** What went wrong, and the next command to type. */
function explained({reason, message}: AskError, {endpoint, path}: BenchSocket): UserError {
  const look = endpoint === null ? `SSH_AUTH_SOCK=${shellWord(path)} ssh-add -l` : 'wslagent status';
  const unlock = 'unlock the agent on Windows, and look whether it asks you something\nwslagent probe';
  switch (reason) {
    case 'absent':
      return endpoint === null
        ? new UserError(`there is no socket ${path}`, 'echo "$SSH_AUTH_SOCK"', 'notRunning')
        : new UserError(
            `endpoint "${endpoint}" is not installed: there is no socket ${path}`,
            `wslagent install ${endpoint} --now`,
            'notRunning',
          );
    case 'refused':
      return statSync(path, {throwIfNoEntry: false})?.isSocket() === false
        ? new UserError(`${path} is no socket`, 'echo "$SSH_AUTH_SOCK"')
        : new UserError(
            `nobody listens on ${path}`,
            endpoint === null ? 'start what serves it, then try again' : look,
            'notRunning',
          );
    case 'denied':
      return new UserError(`${path} may not be used: ${message}`, `ls -l ${shellWord(path)}`);
    case 'failed':
      return new UserError(
        `the agent behind ${path} answered with SSH_AGENT_FAILURE: it is locked, or cannot be reached`,
        endpoint === null ? look : unlock,
        'unavailable',
      );
    case 'silent':
      return new UserError(`${path}: ${message}`, endpoint === null ? look : unlock, 'unavailable');
    case 'ended':
      return new UserError(`${path}: ${message}`, look, 'unavailable');
    case 'malformed':
      return new UserError(`what answers on ${path} is no ssh agent: ${message}`, look, 'unavailable');
    case 'tooLong':
      return new UserError(
        `the agent behind ${path} has more keys than an ssh client takes: ${message}`,
        look,
        'unavailable',
      );
    case 'system':
      return new UserError(`${path} cannot be asked: ${message}`, look);
  }
}
