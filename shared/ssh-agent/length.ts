import {MESSAGE_MAX} from './messages.ts';

/**
 * What no length field of the ssh-agent protocol says: nothing; more than OpenSSH takes, as an agent with very many keys
 * may have to say; or what only bytes of something else look like, such as text.
 */
export type LengthFault = 'empty' | 'long' | 'foreign';

/** Beyond this no agent's answer is meant, but something else was read as a length, in bytes. Text begins far above. */
const PLAUSIBLE_MAX = 0xff_ffff;

/** What is wrong with a length field; undefined when nothing is. */
export function lengthFault(length: number): LengthFault | undefined {
  if (length === 0) return 'empty';
  if (length <= MESSAGE_MAX) return undefined;
  return length <= PLAUSIBLE_MAX ? 'long' : 'foreign';
}

/** A length field that no agent message can have. It is not shown: four bytes of a stream may be part of a secret. */
export class AgentMessageError extends Error {
  readonly fault: LengthFault;
  constructor(fault: LengthFault) {
    super(fault === 'empty' ? 'a message is empty' : `a message is longer than ${MESSAGE_MAX} bytes`);
    this.name = 'AgentMessageError';
    this.fault = fault;
  }
}

/** Gives a length field's number back. Throws AgentMessageError when no message has it. */
export function checkedLength(length: number): number {
  const fault = lengthFault(length);
  if (fault !== undefined) throw new AgentMessageError(fault);
  return length;
}
