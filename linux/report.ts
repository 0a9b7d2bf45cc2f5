import {exitCode} from '../shared/exit-codes.ts';
import {oneLine} from '../shared/text.ts';
import {UserError} from './errors.ts';
import {PRIORITIES, writesToJournal} from './journal-stream.ts';
import {systemError} from './system-error.ts';

/** Tells an error in one line, and a hint below it where there is one, on stderr; returns the exit code. */
export function report(error: unknown): number {
  const told = error instanceof UserError ? error : systemError(error);
  if (told !== undefined) {
    complain(`wslagent: error: ${oneLine(told.message, 2000)}`);
    if (told.hint !== undefined) complain(`wslagent: hint: ${oneLine(told.hint, 2000)}`);
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
