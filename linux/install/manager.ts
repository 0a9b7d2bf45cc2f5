import {existsSync, statSync} from 'node:fs';
import {UserError} from '../errors.ts';
import {runtimeDir, unitDir} from '../paths.ts';
import {SYSTEMD_OFF} from '../wsl.ts';
import {managerUnitPath} from './systemctl.ts';

const SWITCH_ON = `${SYSTEMD_OFF}\nor, without systemd, for as long as this shell is open\nwslagent relay ssh &`;

/** What to do when systemd's user manager does not answer: where systemd runs, it is started again. */
export function managerHint(): string {
  return existsSync('/run/systemd/system') ? 'sudo systemctl restart user@$(id -u).service' : SWITCH_ON;
}

/** Sees to it that systemd's user manager is there and reads our units. Throws UserError. */
export async function checkManager(): Promise<void> {
  const runtime = runtimeDir();
  if (statSync(runtime, {throwIfNoEntry: false})?.isDirectory() !== true)
    throw new UserError(`XDG_RUNTIME_DIR names ${runtime}, which does not exist`, SWITCH_ON);
  const answer = await managerUnitPath();
  if ('reason' in answer)
    throw new UserError(`systemd's user manager is not there: ${answer.reason}`, managerHint());
  const units = unitDir();
  if (!answer.path.includes(units))
    throw new UserError(
      `systemd's user manager does not read ${units}`,
      process.env.XDG_CONFIG_HOME === undefined
        ? 'it was started with another HOME: log in anew'
        : 'unset XDG_CONFIG_HOME',
    );
}
