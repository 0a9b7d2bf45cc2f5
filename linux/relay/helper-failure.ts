import type {Failure} from '../../shared/failure.ts';
import {oneLine, shellWord} from '../../shared/text.ts';
import {type HelperCommand, helperRemedy} from '../helper-command.ts';
import {isFolder} from '../system/folders.ts';
import {INTEROP_OFF, interop, runsWindowsPrograms} from '../wsl.ts';
import {inspectExe} from './exe-file.ts';

/** How a helper process ended. */
export type Ending = {
  /** The error code of a spawn that failed, such as ENOENT. */
  code?: string | undefined;
  message?: string | undefined;
  exitCode?: number | undefined;
  signal?: string | undefined;
  /** The last lines of its stderr. */
  stderr: string;
  /** What it wrote instead of a greeting. */
  stray: string;
};

const INSTALL = 'wslagent install --now';
const INTEROP_STUCK = 'wsl.exe --shutdown';

/** Why a helper is given up that runs and does nothing. */
export const SILENT: Failure = {
  reason: 'helperDied',
  message: 'the helper gives no sign of life: it was stopped, or WSL carries nothing to Windows and back',
  hint: `where clients still get no answer, WSL has to start anew\n${INTEROP_STUCK}`,
};

/** What /init writes when Windows does not answer it (microsoft/WSL#41283, #6799). */
const INTEROP_WORDS = /accept4 failed|UtilAcceptVsock|UtilConnectToInteropServer|UtilBindVsock/;

/**
 * Why this helper cannot be started now, as far as that is known without trying. A Windows program that the kernel
 * does not take must not be tried: libuv would hand it to /bin/sh, line by line.
 */
export function startObstacle({command}: HelperCommand): Failure | undefined {
  if (runsWindowsPrograms() !== false) return undefined;
  return ['ok', 'truncated'].includes(inspectExe(command)) ? interopOff(command) : undefined;
}

/** Why a helper ended before it had greeted, in words that name the cause. */
export function startFailure(helper: HelperCommand, ending: Ending): Failure {
  const failure = causeOfEnd(helper, ending);
  return {...failure, hint: helperRemedy(helper, failure.hint ?? INSTALL)};
}

function causeOfEnd({command, cwd}: HelperCommand, ending: Ending): Failure {
  if (cwd !== undefined && !isFolder(cwd))
    return unusable(`the helper's folder ${cwd} does not exist`, INSTALL);
  if (ending.code === 'ENOENT') return unusable(`the helper ${command} does not exist`, INSTALL);
  if (ending.code === 'EACCES' || ending.exitCode === 126)
    return unusable(`the helper ${command} may not be executed`, `chmod +x ${shellWord(command)}`);
  if (INTEROP_WORDS.test(ending.stderr))
    return unusable(`Windows does not answer WSL: ${ending.stderr}`, INTEROP_STUCK);
  const damage = exeDamage(command);
  if (damage !== undefined) return unusable(`the helper ${command} ${damage}`, INSTALL);
  if (isExecFormat(ending) && command.endsWith('.exe'))
    return interop().registration === undefined
      ? interopOff(command)
      : unusable(`cannot start ${command}: it is no program for this machine`, INSTALL);
  if (endedWithoutAWord(ending) && command.endsWith('.exe'))
    return unusable(`Windows did not start ${command} (exit code 1 without a word)`, INTEROP_OFF);
  return unusable(`the helper ended before its greeting (${describe(ending)})`, INSTALL);
}

/**
 * Whether a helper ended at once, without a word: so does /init when it finds no interop server (microsoft/WSL#8846), and
 * now and then, by chance, the start of a program under Wine.
 */
export function endedWithoutAWord({exitCode, stderr, stray}: Ending): boolean {
  return exitCode === 1 && stderr === '' && stray === '';
}

/** Why a helper ended that had greeted and was not asked to. */
export function deathFailure(ending: Ending): Failure {
  return {reason: 'helperDied', message: `the helper ended while it served (${describe(ending)})`};
}

/** Why relay and helper do not understand each other: a damaged exe may be what spoke in place of the helper. */
export function mismatchFailure(helper: HelperCommand, reason: string): Failure {
  const {command} = helper;
  const damage = exeDamage(command);
  const hint = helperRemedy(helper, INSTALL);
  if (damage !== undefined) return unusable(`the helper ${command} ${damage}`, hint);
  return {
    reason: 'helperMismatch',
    message: `relay and helper do not understand each other: ${oneLine(reason)}`,
    hint,
  };
}

function interopOff(command: string): Failure {
  return unusable(
    `cannot start ${command}: Windows programs are not registered in /proc/sys/fs/binfmt_misc (WSL interop is off)`,
    INTEROP_OFF,
  );
}

function unusable(message: string, hint: string): Failure {
  return {reason: 'helperUnusable', message, hint};
}

function describe({code, message, exitCode, signal, stderr, stray}: Ending): string {
  const how =
    signal !== undefined
      ? signal
      : exitCode !== undefined
        ? `exit code ${exitCode}`
        : (message ?? code ?? 'its output was closed');
  const wrote = stray === '' ? '' : `; it wrote: ${stray}`;
  return stderr === '' ? `${how}${wrote}` : `${how}${wrote}: ${stderr}`;
}

/** libuv hands a file that the kernel does not take to /bin/sh, which leaves with 127 or 2 and words about `MZ`. */
function isExecFormat({code, exitCode, stderr}: Ending): boolean {
  if (code === 'ENOEXEC') return true;
  return exitCode === 127 || /MZ|exec format error|cannot execute binary/i.test(stderr);
}

function exeDamage(command: string): string | undefined {
  if (!command.endsWith('.exe')) return undefined;
  switch (inspectExe(command)) {
    case 'empty':
      return 'is empty';
    case 'truncated':
      return 'is cut short';
    case 'foreign':
      return 'is no Windows program';
    default:
      return undefined;
  }
}
