import {basename} from 'node:path';
import {cshWord, fishWord, shellWord} from './quote.ts';

export const SHELLS = ['bash', 'zsh', 'sh', 'dash', 'ksh', 'fish', 'csh', 'tcsh'] as const;

export type Shell = (typeof SHELLS)[number];

/** The shell that $SHELL names; any that is not known is taken for a POSIX one. */
export function shellOf(variable: string | undefined): Shell {
  const name = basename(variable ?? '');
  return SHELLS.find(shell => shell === name) ?? 'sh';
}

/** A line for `eval` (fish: `source`) that makes ssh use the socket. */
export function envLine(shell: Shell, socket: string): string {
  switch (shell) {
    case 'fish':
      return `set -gx SSH_AUTH_SOCK ${fishWord(socket)};`;
    case 'csh':
    case 'tcsh':
      return `setenv SSH_AUTH_SOCK ${cshWord(socket)};`;
    default:
      return `export SSH_AUTH_SOCK=${shellWord(socket)};`;
  }
}
