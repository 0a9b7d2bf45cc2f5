import {basename} from 'node:path';
import {shellWord} from '../../shared/text.ts';
import {cshWord, fishWord, nuWord, pwshWord} from './quote.ts';

export const SHELLS = ['bash', 'zsh', 'sh', 'dash', 'ksh', 'fish', 'csh', 'tcsh', 'nu', 'pwsh'] as const;

export type Shell = (typeof SHELLS)[number];

/** The shell that $SHELL names; any that is not known is taken for a POSIX one. */
export function shellOf(variable: string | undefined): Shell {
  const name = basename(variable ?? '');
  return SHELLS.find(shell => shell === name) ?? 'sh';
}

/** Whether `env` has a line for a shell of this name. */
export function isShell(name: string): name is Shell {
  return SHELLS.some(shell => shell === name);
}

/** A line for `eval` (fish: `source`, pwsh: `Invoke-Expression`, nu: a file for `source`) that makes ssh use the socket. */
export function envLine(shell: Shell, socket: string): string {
  switch (shell) {
    case 'fish':
      return `set -gx SSH_AUTH_SOCK ${fishWord(socket)};`;
    case 'csh':
    case 'tcsh':
      return `setenv SSH_AUTH_SOCK ${cshWord(socket)};`;
    case 'nu':
      return `$env.SSH_AUTH_SOCK = ${nuWord(socket)}`;
    case 'pwsh':
      return `$env:SSH_AUTH_SOCK = ${pwshWord(socket)}`;
    default:
      return `export SSH_AUTH_SOCK=${shellWord(socket)};`;
  }
}
