/** The flags of `npm run faults`. */
import yargs from 'yargs';
import {Fault} from '../../.ci/fault.ts';
import {QUESTIONS} from './questions.ts';

const PLACES = ['here', 'twin'] as const;

export type Options = {
  only: string[];
  where: (typeof PLACES)[number][];
  quick: boolean;
  seed: number;
  build: boolean;
  /** Files of results in place of a run; of a question that several have, the last one's. */
  from: string[];
  /** Where the results go. */
  out: string | undefined;
  docs: boolean;
};

/** Reads the flags; shows the help, or what is wrong with them, and ends the process then. */
export async function readOptions(args: readonly string[]): Promise<Options> {
  const names = QUESTIONS.map(({name}) => name);
  const list = QUESTIONS.map(({name, about}) => `  ${name.padEnd(16)}${about}`).join('\n');
  const argv = await yargs(args)
    .scriptName('npm run faults --')
    .usage(`$0 [flags]\n\nTries what goes wrong, and counts what is lost and left:\n\n${list}`)
    .option('only', {describe: 'questions', type: 'string', requiresArg: true, default: names.join(',')})
    .option('where', {
      describe: 'here: the helper on Node; twin: the exe under Wine, and systemd',
      type: 'string',
      requiresArg: true,
      default: PLACES.join(','),
    })
    .option('quick', {describe: 'less of everything, a few minutes', type: 'boolean', default: false})
    .option('seed', {
      describe: 'what is random follows from it; of a finding, to see it again',
      type: 'number',
      requiresArg: true,
      defaultDescription: 'another one each time',
    })
    .option('build', {
      describe: 'build first; --no-build tries dist/ as it is',
      type: 'boolean',
      default: true,
    })
    .option('out', {describe: 'write the results to this file', type: 'string', requiresArg: true})
    .option('from', {
      describe: 'take these files of results in place of a run',
      type: 'string',
      requiresArg: true,
      default: '',
    })
    .option('docs', {describe: 'write the table into docs/reliability.md', type: 'boolean', default: false})
    .epilog('npm run faults -- --quick --only helper-killed,soak --where here')
    .strict()
    .version(false)
    .showHelpOnFail(false, 'npm run faults -- --help')
    .wrap(100)
    .parseAsync();
  const seed = argv.seed ?? Date.now() % 1_000_000_000;
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Fault('--seed is a whole number from 0 on', 'npm run faults -- --help');
  return {
    only: choose('only', argv.only, names),
    where: choose('where', argv.where, PLACES),
    quick: argv.quick,
    seed,
    build: argv.build,
    from: argv.from.split(',').filter(file => file !== ''),
    out: argv.out,
    docs: argv.docs,
  };
}

/** The words of a flag, in the order in which the known ones are. Throws on any other word. */
function choose<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  const words = text.split(',').filter(word => word !== '');
  const other = words.find(word => !known.some(name => name === word));
  if (other !== undefined)
    throw new Fault(`--${flag} has "${other}"; known are ${known.join(', ')}`, 'npm run faults -- --help');
  return known.filter(name => words.includes(name));
}
