/** Types what a person is told to type, as it is printed, in a real shell. */
import type {ExecutionContext} from 'ava';
import {hintLines} from '../../../shared/hint.ts';
import type {RunResult} from '../twin.ts';
import {twin} from './install-bed.ts';

/** Runs a line in the shell of a person who has just logged in. */
export const shell = (line: string): Promise<RunResult> =>
  twin.run('bash', ['-lc', `PATH=$HOME/.local/bin:$PATH\n${line}`]);

/** Types each of these lines; each has to be understood and to do its work. */
export async function typeAll(t: ExecutionContext, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const {exitCode, stdout, stderr} = await shell(line);
    t.is(exitCode, 0, `${line}: ${stdout}${stderr}`);
  }
}

/** The lines to type that a command printed as hints on stderr. */
export function typedHints(stderr: string): string[] {
  const hints = Array.from(stderr.matchAll(/^wslagent: hint: (.*)$/gm), ([, text = '']) => text);
  return hintLines(hints.join('\n')).flatMap(({text, typed}) => (typed ? text : []));
}
