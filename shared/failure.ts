/**
 * Why a connection could not be made or did not last. The numbers travel in FAILED and RESET frames
 * (docs/protocol.md) and are never given a second meaning.
 */
export const FAILURE_CODES = {
  /** Nobody's fault: the sender's side of the channel went away. */
  gone: 0,
  /** The pipe or socket file does not exist. */
  absent: 1,
  /** Every instance of the pipe stayed busy until the deadline. */
  busy: 2,
  /** Windows denied access. */
  denied: 3,
  /** Nobody listens on the port that a socket file names. */
  refused: 4,
  /** The target is no pipe, or its socket file is malformed. */
  badTarget: 5,
  /** GnuPG for Windows was not found. */
  gnupgMissing: 6,
  /** The agent was launched and did not come up. */
  notStarted: 7,
  /** Who answered does not speak the agent's protocol. */
  badGreeting: 8,
  /** The agent closed the connection in the middle of an answer. */
  agentClosed: 9,
  /** A message is longer than the protocol allows. */
  tooLong: 10,
  /** The agent accepted the connection and did not greet in time. */
  timeout: 11,
  /** The client's bytes are not what its protocol allows. */
  badRequest: 12,
  /** A bug, or a system call that failed in an unforeseen way. */
  internal: 13,
  /** The helper cannot be run: exe missing, interop off. Made by the relay, never sent. */
  helperUnusable: 14,
  /** The helper ended while it served. Made by the relay, never sent. */
  helperDied: 15,
  /** Relay and helper are of different versions, or do not understand each other. Made by the relay, never sent. */
  helperMismatch: 16,
  /** The pipe belongs to somebody who is neither the user, an administrator nor the system, or to a program that is shut in. */
  untrusted: 17,
  /** The file with which the helper calls Windows is not beside it, or damaged. */
  helperIncomplete: 18,
} as const;

export type FailureReason = keyof typeof FAILURE_CODES;

/** A typed reason, a sentence that a person understands, and what to do about it. */
export type Failure = {
  reason: FailureReason;
  message: string;
  hint?: string;
};

const REASONS = new Map<number, FailureReason>(
  Object.entries(FAILURE_CODES).map(([reason, code]) => [code, reason as FailureReason]),
);

/** The reason with this number; undefined when no version of the protocol gave it one. */
export function failureReason(code: number): FailureReason | undefined {
  return REASONS.get(code);
}

/** A failure that can be thrown and shown; `failure` is what travels. */
export class FailureError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'FailureError';
    this.failure = failure;
  }
}

/** What went wrong, as a Failure: unforeseen errors become `internal`. */
export function asFailure(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  return {reason: 'internal', message: error instanceof Error ? error.message : String(error)};
}
