import {ENDPOINT_PROTOCOLS, type EndpointProtocol} from '../../shared/endpoint.ts';
import {isTargetError, parseTarget, TARGETS_MAX, textWithAnyOwner} from '../../shared/target.ts';

/** The command line is wrong. */
export class UsageError extends Error {
  readonly hint: string;
  constructor(message: string, hint = 'start it with --help') {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

export type TargetOptions = {targets: string[]; protocol: EndpointProtocol};

/** Reads `--target T` (repeatable), `--protocol P` and `--trust-any-owner` of `connect` and `probe`. Throws UsageError. */
export function parseTargetOptions(args: readonly string[]): TargetOptions {
  const targets: string[] = [];
  let protocol: EndpointProtocol | undefined;
  let trust = false;
  for (let at = 0; at < args.length; at++) {
    const [option, joined] = split(args[at] ?? '');
    if (option === '--trust-any-owner' && joined === undefined) {
      trust = true;
      continue;
    }
    if (option !== '--target' && option !== '--protocol') throw new UsageError(`unknown option "${option}"`);
    const value = joined ?? args[++at];
    // a word that begins with two dashes is the next option, unless it is attached
    if (value === undefined || value === '' || (joined === undefined && value.startsWith('--')))
      throw new UsageError(`${option} needs a value`);
    if (option === '--target') targets.push(checkTarget(value));
    else if (protocol === undefined) protocol = checkProtocol(value);
    else throw new UsageError('--protocol is given twice, and there can be only one');
  }
  if (targets.length > TARGETS_MAX) throw new UsageError(`more than ${TARGETS_MAX} targets`);
  return {targets: trust ? targets.map(textWithAnyOwner) : targets, protocol: protocol ?? 'ssh-agent'};
}

function split(argument: string): [option: string, value: string | undefined] {
  const equals = argument.indexOf('=');
  return argument.startsWith('--') && equals > 0
    ? [argument.slice(0, equals), argument.slice(equals + 1)]
    : [argument, undefined];
}

function checkTarget(text: string): string {
  const target = parseTarget(text);
  if (isTargetError(target)) throw new UsageError(target.error, target.hint);
  return text;
}

function checkProtocol(text: string): EndpointProtocol {
  const protocol = ENDPOINT_PROTOCOLS.find(name => name === text);
  if (protocol === undefined)
    throw new UsageError(`unknown protocol "${text}"`, `known: ${ENDPOINT_PROTOCOLS.join(', ')}`);
  return protocol;
}
