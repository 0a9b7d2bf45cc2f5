import {unescapePercent} from '../../shared/assuan/list-dirs.ts';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {
  GNUPG_SOCKETS,
  gnupgProtocol,
  isTargetError,
  PIPE_PREFIX,
  parseTarget,
  type Target,
  withAnyOwner,
} from '../../shared/target.ts';
import type {Flag} from './flags.ts';

/** A drive as GnuPG for Windows escapes it: no path that is not escaped has these three characters after its letter. */
const ESCAPED_DRIVE = /^[a-z]%3a/i;

const REMOTE_PIPE = /^[\\/]{2}([^\\/]+)[\\/]pipe[\\/]/i;

/** A word and a colon, as our own targets begin (one letter is a drive), or the one that is a word alone. */
const OURS = /^([a-z][a-z-]+:|pageant$)/;

/**
 * What npiperelay's TARGET means: a pipe's path, with -a the path of a socket file, or a target as the rest of wslagent
 * writes it. Gives a sentence that says why it is none.
 */
export function readTarget(text: string, flags: ReadonlySet<Flag>): Target | string {
  if (flags.has('trust-any-owner')) {
    const target = readPlain(text, flags);
    return typeof target === 'string' ? target : withAnyOwner(target);
  }
  return readPlain(text, flags);
}

function readPlain(text: string, flags: ReadonlySet<Flag>): Target | string {
  if (flags.has('a') && !OURS.test(text)) return readSocketFile(text);
  const remote = PIPE_PREFIX.test(text) ? undefined : REMOTE_PIPE.exec(text)?.[1];
  if (remote !== undefined)
    return `the pipe is on another machine, ${remote}: only those of this one are reached`;
  const target = parseTarget(text);
  if (!isTargetError(target)) return target;
  // npiperelay opens a disk file all the same, and writes what stdin holds over its beginning.
  if (!OURS.test(text) && !PIPE_PREFIX.test(text))
    return 'not a named pipe (a pipe is //./pipe/NAME; for the socket file of a GnuPG program: -a)';
  return target.error;
}

function readSocketFile(text: string): Target | string {
  if (PIPE_PREFIX.test(text) || REMOTE_PIPE.test(text))
    return 'a pipe, and -a needs the path of a socket file';
  const target = parseTarget(`assuan:${ESCAPED_DRIVE.test(text) ? unescapePercent(text) : text}`);
  return isTargetError(target) ? target.error : target;
}

/** How to speak to a target: GnuPG's sockets greet, but for the one that serves ssh keys. */
export function protocolOf(target: Target): EndpointProtocol {
  if (target.kind === 'gpg') return gnupgProtocol(target.socket);
  if (target.kind !== 'assuan') return 'raw';
  const name = target.path.split(/[\\/]/).at(-1) ?? '';
  return name.toLowerCase() === GNUPG_SOCKETS['agent-ssh-socket'].toLowerCase() ? 'ssh-agent' : 'assuan';
}
