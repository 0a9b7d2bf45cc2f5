import {shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import type {SocketUnit} from '../system/socket-unit.ts';
import {describeProcess, holdersOf, isSystemd} from './socket-holder.ts';

/** Why a socket cannot be had that somebody has; `answer` is the error's code when it was knocked at. */
export async function inUse(path: string, answer: string | undefined): Promise<UserError> {
  if (answer === 'EACCES' || answer === 'EPERM')
    return new UserError(`the socket ${path} is somebody else's`, `ls -l ${shellWord(path)}`, 'permission');
  const holders = holdersOf(path);
  if (holders.some(isSystemd)) {
    const unit = await (await import('../system/socket-unit.ts')).socketUnitAt(path);
    if (unit !== undefined) return inUseByUnit(path, unit);
  }
  // the youngest: a parent may hold what it hands to a child
  const holder = holders.at(-1);
  return new UserError(
    `${path} is in use: ${holder === undefined ? 'another process' : describeProcess(holder)} listens on it`,
    holder === undefined ? `ss -xlp src ${shellWord(path)}` : 'stop that process, or choose another path',
    'cannotListen',
  );
}

function inUseByUnit(path: string, {socket, service}: SocketUnit): UserError {
  const who = socket.startsWith('wslagent-')
    ? `the service of wslagent has it (${socket})`
    : `${socket} has it`;
  const units = service === undefined ? [socket] : [socket, service];
  return new UserError(
    `${path} is in use: ${who}`,
    `systemctl --user stop ${units.map(shellWord).join(' ')}`,
    'cannotListen',
  );
}
