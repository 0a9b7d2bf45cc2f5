import yargs, {type Argv} from 'yargs';
import {oneLine} from '../shared/text.ts';
import {VERSION} from '../shared/version.ts';
import {benchCommand} from './commands/bench.ts';
import {endpointsCommand} from './commands/endpoints.ts';
import {envCommand} from './commands/env.ts';
import {installCommand} from './commands/install.ts';
import {probeCommand} from './commands/probe.ts';
import {relayCommand} from './commands/relay.ts';
import {statusCommand} from './commands/status.ts';
import {trialCommand} from './commands/trial.ts';
import {uninstallCommand} from './commands/uninstall.ts';
import {UserError} from './errors.ts';

/** Runs one command line. Throws UserError for one that cannot be read, and what its command throws. */
export async function runCli(args: string[]): Promise<void> {
  const text = await parse(args);
  if (text !== '') process.stdout.write(`${text}\n`);
}

/** Parses and runs; returns the text that yargs made itself (help, version, completion). */
function parse(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const parser = buildParser().exitProcess(false);
    parser
      .parseAsync(args, {}, (error, _argv, output) => {
        text = output;
        if (error) reject(error);
      })
      .then(() => resolve(text), reject);
  });
}

function buildParser(): Argv {
  return yargs()
    .scriptName('wslagent')
    .usage('$0 <command>\n\nlets Linux tools in WSL2 use the agents that run on Windows')
    .command(installCommand)
    .command(uninstallCommand)
    .command(relayCommand)
    .command(statusCommand)
    .command(endpointsCommand)
    .command(envCommand)
    .command(probeCommand)
    .command(benchCommand)
    .command(trialCommand)
    .completion('completion', 'print a completion script for bash or zsh')
    .demandCommand(1, 1, 'no command is given', 'more than one command is given')
    .strict()
    .strictCommands()
    .locale('en')
    .recommendCommands()
    .parserConfiguration({'duplicate-arguments-array': true, 'strip-aliased': true})
    .version(`wslagent ${VERSION}`)
    .alias('help', 'h')
    .wrap(100)
    .example('$0 install ssh --now', 'let ssh use the agent on Windows from now on')
    .epilogue('docs: README.md and docs/ of the project')
    .fail((message, error) => {
      throw error ?? new UserError(usageMessage(message), 'wslagent --help', 'usage');
    });
}

/** yargs' sentences in this program's style: one line, lower case, no full stop. */
function usageMessage(message: string): string {
  const line = oneLine(message).replace(/\s+/g, ' ').replace(/\.$/, '');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
