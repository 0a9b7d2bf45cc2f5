import {execa} from 'execa';
import type {HelperCommand} from '../helper-command.ts';
import {helperEnv} from './helper-env.ts';

export type HelperSubprocess = ReturnType<typeof spawnHelper>;

/** Starts a helper, never through a shell. Its result is told when it is gone and all it wrote was read; it does not reject. */
export function spawnHelper({command, args, cwd}: HelperCommand) {
  return execa(command, [...args, 'serve'], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    encoding: 'buffer',
    reject: false,
    extendEnv: false,
    env: helperEnv(process.env),
    // Ctrl-C in a terminal goes to the whole process group: the relay, which drains, is to end its helpers
    detached: true,
    cleanup: false,
    // the stop ladder has a SIGKILL of its own
    forceKillAfterDelay: false,
    ...(cwd === undefined ? {} : {cwd}),
  });
}
