import {findHelper, type HelperCommand} from '../helper-command.ts';
import {startObstacle} from './helper-failure.ts';
import {type HelperSubprocess, spawnHelper} from './spawn-helper.ts';
import {descend, PATIENCE_BEFORE_GREETING} from './stop-ladder.ts';

export type FirstHelper = {command: HelperCommand; subprocess: HelperSubprocess};

/**
 * systemd starts the relay because a client has come: its helper, which takes longest, starts while all that the relay
 * itself needs is loaded. Undefined where none can be started; the relay finds that out once more, and tells why.
 */
export async function startFirstHelper(): Promise<FirstHelper | undefined> {
  try {
    const command = await findHelper();
    return startObstacle(command) === undefined ? {command, subprocess: spawnHelper(command)} : undefined;
  } catch {
    return undefined;
  }
}

/** Ends it where the relay itself cannot start. Resolves when it is gone. */
export function endFirstHelper({subprocess}: FirstHelper): Promise<void> {
  const ladder = {
    closeStdin: () => subprocess.stdin.end(),
    kill: (signal: NodeJS.Signals) => subprocess.kill(signal),
    // one that could not be started has no exit
    exited: Promise.race([subprocess.exited, subprocess.ended.then(() => {})]),
    said() {},
  };
  return descend(ladder, PATIENCE_BEFORE_GREETING);
}
