import {isDeepStrictEqual} from 'node:util';
import {FailureError, type FailureReason} from '../../shared/failure.ts';
import {type Look, lookAgain, readSmallFile, whyUnreadable} from './small-file.ts';

/** A kind of file that says where an agent listens; `Content` is what it holds. */
export type SocketFileKind<Content> = {
  /** The longest that such a file can be, in bytes. No more is ever read. */
  max: number;
  /** What the bytes say, or a sentence that tells what is wrong with them and quotes none. */
  parse(bytes: Uint8Array): Content | string;
  /** What to do when the file is not there, cannot be read, or is something else. */
  hints(path: string): Record<'absent' | 'denied' | 'badTarget', string>;
};

/** How often a file is read that is locked or being written just now, and the pause between, in milliseconds. */
const ATTEMPTS = 5;
const PAUSE_MS = 60;

/** What a file that is out of date leads to: a closed port, or another program, which does not know the secret. */
const STALE = new Set<FailureReason>(['refused', 'agentClosed', 'badGreeting']);

/**
 * Connects through a socket file. When that fails and the file says something else by now, the agent was started again
 * in between: then once more. Throws FailureError.
 */
export async function throughSocketFile<Content extends object, Connection>(
  path: string,
  kind: SocketFileKind<Content>,
  signal: AbortSignal,
  connect: (content: Content) => Promise<Connection>,
): Promise<Connection> {
  const content = await readSocketFile(path, kind, signal);
  try {
    return await connect(content);
  } catch (error) {
    if (!(error instanceof FailureError && STALE.has(error.failure.reason))) throw error;
    const now = await readSocketFile(path, kind, signal);
    if (isDeepStrictEqual(now, content)) throw error;
    return await connect(now);
  }
}

/**
 * Reads a socket file, and anew each time, since every start of the agent writes another port and secret. Throws
 * FailureError without any of its bytes.
 */
function readSocketFile<Content extends object>(
  path: string,
  kind: SocketFileKind<Content>,
  signal: AbortSignal,
): Promise<Content> {
  return lookAgain(() => readOnce(path, kind), ATTEMPTS, PAUSE_MS, signal);
}

const UNREADABLE = {
  absent: () => 'does not exist',
  denied: (code: string) => `cannot be read: ${code}`,
  badTarget: (code: string) => `is no file that can be read: ${code}`,
};

async function readOnce<Content extends object>(
  path: string,
  {max, parse, hints}: SocketFileKind<Content>,
): Promise<Look<Content>> {
  const failed = (reason: 'absent' | 'denied' | 'badTarget', sentence: string, momentary: boolean) => ({
    failure: {reason, message: `socket file ${path} ${sentence}`, hint: hints(path)[reason]},
    momentary,
  });
  let bytes: Uint8Array;
  try {
    bytes = await readSmallFile(path, max + 1);
  } catch (error) {
    const {code = ''} = error as NodeJS.ErrnoException;
    const why = whyUnreadable(code);
    return failed(why, UNREADABLE[why](code), why === 'denied');
  }
  const content = parse(bytes);
  // Not longer than it may be: the agent could be writing it.
  return typeof content === 'string' ? failed('badTarget', content, bytes.length <= max) : {content};
}
