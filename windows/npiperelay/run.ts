import {exitCode} from '../../shared/exit-codes.ts';
import {VERSION} from '../../shared/version.ts';
import {stderrLine} from '../stdio/lines.ts';
import {copyBothWays} from './copy.ts';
import {parseFlags, usage} from './flags.ts';
import {log} from './log.ts';
import {openTarget} from './open.ts';

const HEADER = `wslagent-helper ${VERSION}, npiperelay's command line: [-ei] [-ep] [-s] [-p] [-l] [-v] TARGET`;

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
  if (flags.has('v')) log(`connecting to ${target}`);
  const opened = await openTarget(target, flags);
  if (typeof opened === 'string') {
    log(opened);
    return exitCode('failure');
  }
  if (flags.has('v')) log('connected');
  return await copyBothWays(opened, flags);
}
