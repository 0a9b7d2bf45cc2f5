import {linesOf} from './text.ts';

/** The programs that people are told to start, of Linux and of Windows, and the words of the shell. */
const PROGRAMS = new Set([
  `"\${EDITOR:-nano}"`,
  'cat',
  'cd',
  'chmod',
  'df',
  'echo',
  'env',
  'eval',
  'export',
  'free',
  'gpg-connect-agent',
  'gpg-connect-agent.exe',
  'gpgconf',
  'gpgconf.exe',
  'head',
  'iconv',
  'journalctl',
  'kill',
  'ls',
  'mv',
  'npm',
  'powershell.exe',
  'rm',
  'ss',
  'ssh-add',
  'sudo',
  'systemctl',
  'unset',
  'winget.exe',
  'wsl.exe',
  'wslagent',
]);

/** A line of a hint: a command to type as it stands, in a shell of the Linux side, or a sentence. */
export type HintLine = {text: string; typed: boolean};

/**
 * The lines of a hint, in the order in which to follow them. A hint is text, so that it can travel; a line that begins
 * with one of the programs above or with a program's path, perhaps after `NAME=value`, is a command and holds nothing
 * but what is typed.
 */
export function hintLines(hint: string): HintLine[] {
  return linesOf(hint).map(text => ({text, typed: isTyped(text)}));
}

function isTyped(text: string): boolean {
  const program = /^(?:[A-Z_]+=(?:'[^']*'|\S)* )*(\S+)/.exec(text)?.[1] ?? '';
  return PROGRAMS.has(program) || /^'?\//.test(program);
}
