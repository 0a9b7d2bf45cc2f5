/** The flags of `npm run bench`. */
import yargs from 'yargs';
import {Fault} from '../../.ci/fault.ts';
import type {Question, Server} from './report/schema.ts';
import {QUICK_WAYS, USUAL_WAYS, WAYS} from './ways/ways.ts';

/** In the order in which they are asked. */
const QUESTIONS: readonly Question[] = [
  'fresh',
  'idle',
  'first',
  'spaced',
  'second',
  'burst',
  'held',
  'stream',
  'long',
];
const SERVER_NAMES: readonly Server[] = ['nothing', 'pageant'];

export type Options = {
  only: Question[];
  ways: string[];
  servers: Server[];
  quick: boolean;
  build: boolean;
  /** A file of results to compare with. */
  compare: string | undefined;
  /** A file of results in place of a run. */
  from: string | undefined;
  docs: boolean;
  /** Where the results go, in place of test/bench/results/. */
  out: string | undefined;
};

/** Reads the flags; shows the help, or what is wrong with them, and ends the process then. */
export async function readOptions(args: readonly string[]): Promise<Options> {
  const argv = await yargs(args)
    .scriptName('npm run bench --')
    .usage('$0 [flags]\n\nMeasures wslagent in the test bed, beside every peer that is found.')
    .option('only', {describe: 'questions', type: 'string', requiresArg: true, default: QUESTIONS.join(',')})
    .option('paths', {
      describe: `ways to measure: ${WAYS.map(({name}) => name).join(', ')}`,
      type: 'string',
      requiresArg: true,
      defaultDescription: 'all but wslagent-always; with --quick a few',
    })
    .option('servers', {
      describe: 'what answers',
      type: 'string',
      requiresArg: true,
      default: SERVER_NAMES.join(','),
    })
    .option('quick', {describe: 'less of everything, about a minute', type: 'boolean', default: false})
    .option('build', {
      describe: 'build first; --no-build measures dist/ as it is',
      type: 'boolean',
      default: true,
    })
    .option('compare', {describe: 'show ratios to this file of results', type: 'string', requiresArg: true})
    .option('from', {
      describe: 'take this file of results in place of a run',
      type: 'string',
      requiresArg: true,
    })
    .option('docs', {describe: 'write docs/performance.md and .svg', type: 'boolean', default: false})
    .option('out', {describe: 'write the results to this file', type: 'string', requiresArg: true})
    .epilog(
      'BENCH_NPIPERELAY names the npiperelay.exe to measure beside, WSLAGENT_HELPER another helper.\n\n' +
        'npm run bench -- --quick --only first,burst --paths wslagent,npiperelay',
    )
    .strict()
    .version(false)
    .showHelpOnFail(false, 'npm run bench -- --help')
    .wrap(100)
    .parseAsync();
  return {
    only: choose('only', argv.only, QUESTIONS),
    ways: choose(
      'paths',
      argv.paths ?? (argv.quick ? QUICK_WAYS : USUAL_WAYS).join(','),
      WAYS.map(({name}) => name),
    ),
    servers: choose('servers', argv.servers, SERVER_NAMES),
    quick: argv.quick,
    build: argv.build,
    compare: argv.compare,
    from: argv.from,
    docs: argv.docs,
    out: argv.out,
  };
}

/** The words of a flag, in the order in which the known ones are. Throws on any other word. */
function choose<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  const words = text.split(',').filter(word => word !== '');
  const other = words.find(word => !known.some(name => name === word));
  if (other !== undefined)
    throw new Fault(`--${flag} has "${other}"; known are ${known.join(', ')}`, 'npm run bench -- --help');
  return known.filter(name => words.includes(name));
}
