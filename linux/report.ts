import {exitCode} from '../shared/exit-codes.ts';
import {linesOf, oneLine} from '../shared/text.ts';
import {UserError} from './errors.ts';
import {PRIORITIES, writesToJournal} from './journal-stream.ts';
import {systemError} from './system-error.ts';

/** Tells an error in one line, and below it a line for each of its hint, on stderr; returns the exit code. */
export function report(error: unknown): number {
  const told = error instanceof UserError ? error : systemError(error);
  if (told !== undefined) {
    complain(`wslagent: error: ${oneLine(told.message, 2000)}`);
    for (const line of linesOf(told.hint ?? '')) complain(`wslagent: hint: ${oneLine(line, 2000)}`);
    return exitCode(told.exit);
  }
  complain(`wslagent: error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  complain('wslagent: hint: this is a bug in wslagent: please report it with the lines above');
  return exitCode('internal');
}

/** The journal shows errors to those who ask for errors only when each line says that it is one. */
function complain(text: string): void {
  const mark = writesToJournal() ? `<${PRIORITIES.error}>` : '';
  for (const line of text.split('\n')) process.stderr.write(`${mark}${line}\n`);
}
