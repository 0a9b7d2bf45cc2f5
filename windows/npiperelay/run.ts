import {exitCode} from '../../shared/exit-codes.ts';
import {linesOf} from '../../shared/text.ts';
import {VERSION} from '../../shared/version.ts';
import {stderrLine} from '../stdio/lines.ts';
import {copyBothWays} from './copy.ts';
import {parseFlags, usage} from './flags.ts';
import {log} from './log.ts';
import {openTarget} from './open.ts';

const HEADER = [
  `wslagent-helper v${VERSION}`,
  "  npiperelay's command line: wslagent-helper.exe [FLAG…] TARGET",
  '  TARGET: //./pipe/NAME, with -a C:/path/S.gpg-agent, or one of ours, such as gpg:agent-socket',
  `  built with node ${process.version}`,
];

/** npiperelay's own command line, so that the exe drops into existing socat lines. Resolves with the exit code. */
export async function npiperelay(args: readonly string[]): Promise<number> {
  const line = parseFlags(args);
  if (line.kind !== 'run') {
    if (line.kind === 'wrong') stderrLine(line.message);
    stderrLine(usage(HEADER));
    // Go's flag package leaves with 0 after -h and with 2 after an error; npiperelay itself with 1.
    return exitCode({help: 'ok', count: 'failure', wrong: 'usage'}[line.kind] as 'ok' | 'failure' | 'usage');
  }
  const {flags, target} = line;
  const verbose = flags.has('v') ? log : () => {};
  if (flags.has('bg')) {
    const problem = (await import('./background.ts')).hideConsole();
    if (problem !== undefined) log(`hide console window to run in background failed: ${problem}`);
  }
  verbose(`connecting to ${target}`);
  const opened = await openTarget(target, flags, verbose);
  if ('fatal' in opened) {
    log(opened.fatal);
    for (const line of linesOf(opened.hint ?? '')) verbose(`hint: ${line}`);
    return exitCode('failure');
  }
  verbose('connected');
  return await copyBothWays(opened, flags);
}
