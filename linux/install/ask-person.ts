import {linesOf, shellWord} from '../../shared/text.ts';
import {UserError} from '../errors.ts';
import {choiceLines} from './choice-text.ts';
import type {Person} from './confirm.ts';
import type {Discovery} from './discover.ts';
import type {Mode} from './record.ts';

export type Asking = {yes: boolean; dryRun: boolean; now: boolean; force: boolean; mode: Mode | undefined};

/**
 * Shows a choice and why, and says whether it is to be installed: the person at the terminal decides, or `yes`. With
 * nobody there to decide it is refused. Throws UserError.
 */
export async function agreed(
  {choice, notes}: Discovery,
  asking: Asking,
  person: Person,
  tell: (line: string) => void,
): Promise<boolean> {
  tell('found on Windows:');
  for (const line of choiceLines(choice)) tell(`  ${line}`);
  for (const {text, hint} of [...choice.notes, ...notes]) {
    tell(`  note: ${text}`);
    for (const line of linesOf(hint ?? '')) tell(`        ${line}`);
  }
  if (asking.yes || asking.dryRun) return true;
  const names = choice.endpoints.map(({name}) => name).join(' and ');
  if (person.present) return await person.confirm(`install ${names} like this?`);
  throw new UserError('nothing is installed: nobody is there to be asked', command(asking), 'usage');
}

/** The command that takes the choice without asking. */
function command({now, force, mode}: Asking): string {
  const flags = [...(now ? ['--now'] : []), ...(force ? ['--force'] : []), ...(mode ? ['--mode', mode] : [])];
  return ['wslagent', 'install', '--yes', ...flags].map(shellWord).join(' ');
}
