import {PLAIN} from '../../shared/text.ts';
import {UserError} from '../errors.ts';

/** One word of a systemd command line or assignment list (systemd.syntax(7)): specifiers and quotes escaped. */
export function unitWord(text: string): string {
  refuseControl(text);
  const escaped = text.replaceAll('%', '%%');
  return PLAIN.test(escaped) ? escaped : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/**
 * A systemd command line. The colon in front of the program keeps systemd from expanding `$` (systemd.service(5)).
 * systemd takes no program with a quote in its path, as below `C:\Users\O'Brien`; a shell does, and leaves no
 * process of its own.
 */
export function unitCommand(command: readonly string[]): string {
  const [program = ''] = command;
  const words = /['"\\]/.test(program) ? ['/bin/sh', '-c', 'exec "$0" "$@"', ...command] : command;
  return words.map((word, index) => unitWord(index === 0 ? `:${word}` : word)).join(' ');
}

/** A value that runs to the end of its line, such as a path; systemd reads no quotes there. */
export function unitPath(path: string): string {
  refuseControl(path);
  if (/\\$|^\s|\s$/.test(path))
    throw new UserError(`a systemd unit cannot name the path "${path}"`, 'rename that file or folder');
  return path.replaceAll('%', '%%');
}

/** One word of fish, whose single quotes know two escapes. */
export function fishWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** One word of csh, which expands `!` even inside quotes. */
export function cshWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''").replaceAll('!', '\\!')}'`;
}

/** One word of nushell: double quotes know escapes, and expand nothing. */
export function nuWord(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** One word of PowerShell, whose single quotes expand nothing. It takes typographic ones for them, too. */
export function pwshWord(text: string): string {
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}

function refuseControl(text: string): void {
  if (/\p{Cc}/u.test(text))
    throw new UserError(
      `the path ${JSON.stringify(text)} holds a control character`,
      'rename that file or folder',
    );
}
