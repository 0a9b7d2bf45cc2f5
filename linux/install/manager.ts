import {statSync} from 'node:fs';
import {UserError} from '../errors.ts';
import {runtimeDir, unitDir} from '../paths.ts';
import {managerUnitPath} from './systemctl.ts';

const SWITCH_ON =
  'write [boot] systemd=true to /etc/wsl.conf, then in Windows: wsl.exe --shutdown; or without systemd: wslagent relay ssh &';

/** Sees to it that systemd's user manager is there and reads our units. Throws UserError. */
export async function checkManager(): Promise<void> {
  const runtime = runtimeDir();
  if (statSync(runtime, {throwIfNoEntry: false})?.isDirectory() !== true)
    throw new UserError(`XDG_RUNTIME_DIR names ${runtime}, which does not exist`, SWITCH_ON);
  const answer = await managerUnitPath();
  if ('reason' in answer)
    throw new UserError(`systemd's user manager is not there: ${answer.reason}`, SWITCH_ON);
  const units = unitDir();
  if (!answer.path.includes(units))
    throw new UserError(
      `systemd's user manager does not read ${units}`,
      'it was started with another HOME or XDG_CONFIG_HOME: log in anew, or unset XDG_CONFIG_HOME',
    );
}
