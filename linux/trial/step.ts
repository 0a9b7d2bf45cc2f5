import {execa} from 'execa';
import {oneLine} from '../../shared/text.ts';
import {UserError} from '../errors.ts';

/** Where a trial's lines go, one at a time. */
export type Print = (line: string) => void;

const TITLE_WIDTH = 24;

/** One line of a list: a word and what stands behind it. */
export function titled(title: string, text: string): string {
  return `  ${title.padEnd(TITLE_WIDTH)} ${text}`;
}

/** Milliseconds for people. */
export function shown(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`;
}

export type Command = {file: string; args: string[]; env: NodeJS.ProcessEnv; input?: string; cwd?: string};

/** Runs one program of the system, prints how long it took, and returns its output. Throws UserError with its own words when it fails. */
export async function step(
  print: Print,
  title: string,
  {file, args, env, input = '', cwd}: Command,
): Promise<string> {
  const begun = performance.now();
  const result = await execa(file, args, {
    env,
    extendEnv: false,
    input,
    reject: false,
    timeout: 60_000,
    ...(cwd === undefined ? {} : {cwd}),
  });
  if (result.failed) {
    const words = oneLine(result.stderr || result.stdout || result.shortMessage || 'no word said');
    throw new UserError(`${title} failed: ${words}`, 'the lines above say what ran where\nwslagent trial');
  }
  print(titled(title, `ok, ${shown(performance.now() - begun)}`));
  return result.stdout;
}
