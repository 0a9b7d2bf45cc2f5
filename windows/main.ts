import {exitCode} from '../shared/exit-codes.ts';
import {asFailure} from '../shared/failure.ts';
import {guardStdio} from './stdio/guard.ts';
import {leave} from './stdio/leave.ts';
import {errorLines, stderrLine} from './stdio/lines.ts';

/** Verbs are loaded when they are asked for: `serve` and `connect` are waited for by a person. */
async function run(args: string[]): Promise<number> {
  switch (args[0]) {
    case 'serve':
      return await (await import('./verbs/serve.ts')).serve();
    default:
      return exitCode('usage');
  }
}

function crash(error: unknown): void {
  errorLines(`internal error: ${asFailure(error).message}`);
  if (error instanceof Error) stderrLine(error.stack ?? '');
  leave(exitCode('internal'));
}

guardStdio();
process.on('uncaughtException', crash);
run(process.argv.slice(2)).then(leave, crash);
