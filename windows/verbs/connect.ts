import {clientFailure} from '../../shared/client-failure.ts';
import {type ExitName, exitCode} from '../../shared/exit-codes.ts';
import type {FailureReason} from '../../shared/failure.ts';
import {startSession} from '../sessions/start.ts';
import {StdioClient, type StdioEnd} from '../stdio/client.ts';
import {errorLines} from '../stdio/lines.ts';
import {parseTargetOptions, UsageError} from './options.ts';

/** Failures that are not the agent's absence. */
const EXITS: Partial<Record<FailureReason, ExitName>> = {
  internal: 'internal',
  badRequest: 'failure',
  helperIncomplete: 'interop',
};

/**
 * One connection over stdio, without the relay protocol. Resolves with the exit code. Throws UsageError.
 * The client is told of a failure in its own protocol, a person on stderr.
 */
export async function connect(args: readonly string[]): Promise<number> {
  const {targets, protocol} = parseTargetOptions(args);
  if (targets.length === 0)
    throw new UsageError('connect needs a target', 'name one, such as --target pipe:openssh-ssh-agent');
  let over: (end: StdioEnd) => void = () => {};
  const ended = new Promise<StdioEnd>(resolve => {
    over = resolve;
  });
  const client = new StdioClient(over);
  client.start(startSession(protocol, targets, client));
  const end = await ended;
  if (end.kind !== 'failed') return exitCode('ok');
  const {failure} = end;
  errorLines(failure.message, failure.hint);
  await client.say(clientFailure(protocol, failure));
  return exitCode(EXITS[failure.reason] ?? 'unavailable');
}
