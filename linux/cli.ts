import yargs, {type Argv, type CommandModule} from 'yargs';
import {oneLine} from '../shared/text.ts';
import {VERSION} from '../shared/version.ts';
import {readWords} from './command-words.ts';
import {benchCommand} from './commands/bench.ts';
import {completionCommand} from './commands/completion.ts';
import {endpointsCommand} from './commands/endpoints.ts';
import {envCommand} from './commands/env.ts';
import {installCommand} from './commands/install.ts';
import {probeCommand} from './commands/probe.ts';
import {relayCommand} from './commands/relay.ts';
import {statusCommand} from './commands/status.ts';
import {trialCommand} from './commands/trial.ts';
import {uninstallCommand} from './commands/uninstall.ts';
import {UserError} from './errors.ts';
import {checkOptions, type KnownOptions} from './option-check.ts';
import {findRuntimeDir} from './paths.ts';

/** Every command, in the order in which help shows them. */
export const COMMANDS = [
  installCommand,
  uninstallCommand,
  relayCommand,
  statusCommand,
  endpointsCommand,
  envCommand,
  probeCommand,
  benchCommand,
  trialCommand,
  completionCommand,
] as const;

/** By which the scripts of `wslagent completion` ask. */
const ASK_COMPLETIONS = '--get-yargs-completions';

/** What yargs offers beside the long form that it stands for, once even with two dashes. */
const SHORT_FORMS = /^--?\w\b(?!-).*\n?/gm;

/** Runs one command line. Throws UserError for one that cannot be read, and what its command throws. */
export async function runCli(args: string[]): Promise<void> {
  const names = COMMANDS.map(({command}) => String(command).replace(/ .*/, ''));
  findRuntimeDir();
  const completes = args[0] === ASK_COMPLETIONS;
  const text = await parse(completes ? args : readWords(args, names));
  if (text !== '') process.stdout.write(`${completes ? text.replace(SHORT_FORMS, '') : text}\n`);
}

/** Parses and runs; returns the text that yargs made itself (help, version, completions). */
function parse(words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const parser = buildParser(words).exitProcess(false);
    parser
      .parseAsync(words, {}, (error, _argv, output) => {
        text = output;
        if (error) reject(error);
      })
      .then(() => resolve(text), reject);
  });
}

function buildParser(words: readonly string[]): Argv {
  const parser = yargs()
    .scriptName('wslagent')
    .usage('$0 <command>\n\nlets Linux tools in WSL2 use the agents that run on Windows');
  for (const command of COMMANDS) parser.command(command as CommandModule);
  return parser
    .middleware(() => {
      if (words[0] !== ASK_COMPLETIONS) checkOptions(words, knownOptions(parser), commandOf(words));
    }, true)
    .demandCommand(1, 1, 'no command is given', 'more than one command is given')
    .strict()
    .strictCommands()
    .locale('en')
    .parserConfiguration({'duplicate-arguments-array': true, 'strip-aliased': true})
    .version(`wslagent ${VERSION}`)
    .alias('help', 'h')
    .wrap(100)
    .example('$0 install ssh --now', 'let ssh use the agent on Windows from now on')
    .epilogue('docs: README.md and docs/ of the project')
    .fail((message, error) => {
      throw error ?? new UserError(usageMessage(message), `wslagent ${commandOf(words)} --help`, 'usage');
    });
}

/** What yargs knows of the options of a command whose builder has run. Its types leave these two out. */
export function knownOptions(parser: Argv): KnownOptions {
  const inner = parser as unknown as {
    getOptions(): Omit<KnownOptions, 'positionals'>;
    getGroups(): Record<string, string[]>;
  };
  return {...inner.getOptions(), positionals: inner.getGroups()['Positionals:'] ?? []};
}

function commandOf([word = '']: readonly string[]): string {
  return word.startsWith('-') ? '' : word;
}

/** yargs' sentences in this program's style: one line, lower case, no full stop. */
function usageMessage(message: string): string {
  const line = oneLine(message).replace(/\s+/g, ' ').replace(/\.$/, '');
  const [, extra] = /^Unknown commands?: (.*)$/.exec(line) ?? [];
  if (extra !== undefined) return `unknown argument: ${extra}`;
  const [, name, given, choices] =
    /^Invalid values: Argument: (.*), Given: (".*"), Choices: (.*)$/.exec(line) ?? [];
  if (choices !== undefined) return `unknown ${name} ${given}; known: ${choices.replaceAll('"', '')}`;
  return line.charAt(0).toLowerCase() + line.slice(1);
}
