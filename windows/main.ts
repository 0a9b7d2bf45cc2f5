import {exitCode} from '../shared/exit-codes.ts';
import {asFailure} from '../shared/failure.ts';
import {isTargetError, parseTarget} from '../shared/target.ts';
import {guardStdio} from './stdio/guard.ts';
import {leave} from './stdio/leave.ts';
import {errorLines, stderrLine} from './stdio/lines.ts';
import {UsageError} from './verbs/options.ts';

const VERBS = ['serve', 'connect', 'probe'];

/** Every verb is loaded when it is asked for: people wait for `serve` and `connect`. Resolves with the exit code. */
async function run(args: string[]): Promise<number> {
  const [verb = '', ...rest] = args;
  if (VERBS.includes(verb) && (rest[0] === '--help' || rest[0] === '-h')) return await run(['--help']);
  switch (verb) {
    case 'serve':
      if (rest.length > 0) throw new UsageError(`serve takes no arguments, and got "${rest[0]}"`);
      return await (await import('./verbs/serve.ts')).serve();
    case 'connect':
      return await (await import('./verbs/connect.ts')).connect(rest);
    case 'probe':
      return await (await import('./verbs/probe.ts')).probe(rest);
    case '--version':
    case '-V':
      return await (await import('./verbs/about.ts')).printVersion();
    case '--help':
    case '-h':
    case 'help':
      return await (await import('./verbs/about.ts')).printHelp();
    default:
      if (!isNpiperelay(verb)) throw new UsageError(verb === '' ? 'no verb' : `unknown verb "${verb}"`);
      return await (await import('./npiperelay/run.ts')).npiperelay(args);
  }
}

/** A flag, or something that is meant as a target. */
function isNpiperelay(argument: string): boolean {
  return argument.startsWith('-') || /[\\/:]/.test(argument) || !isTargetError(parseTarget(argument));
}

function explain(error: unknown): void {
  if (error instanceof UsageError) {
    errorLines(error.message, error.hint);
    leave(exitCode('usage'));
  }
  errorLines(`internal error: ${asFailure(error).message}`);
  if (error instanceof Error) stderrLine(error.stack ?? '');
  leave(exitCode('internal'));
}

guardStdio();
process.on('uncaughtException', explain);
run(process.argv.slice(2)).then(leave, explain);
