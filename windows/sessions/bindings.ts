import {isSessionBind, messageType} from '../../shared/ssh-agent/messages.ts';
import type {LinkLoss, SshAgentLink} from './ssh-agent-link.ts';

/** RFC 9987's SSH_AGENT_SUCCESS. */
const SSH_AGENT_SUCCESS = 6;

/** OpenSSH's AGENT_MAX_SESSION_IDS (ssh-agent.c): so many session-binds belong to one connection at most. */
const BINDS_MAX = 16;

/**
 * What an agent knows of a connection: the ssh sessions that it was bound to. It forgets them with the connection; so
 * where that is given up between requests they are kept, to be said again on the next.
 */
export class Bindings {
  readonly #kept: Uint8Array[] = [];
  /** Whether the agent has accepted any. */
  any = false;

  /** Whether one more could not be kept. */
  get full(): boolean {
    return this.#kept.length >= BINDS_MAX;
  }

  /** Looks whether the agent has accepted a session-bind; only with `keep` it can be said again. */
  note(request: Uint8Array, answer: Uint8Array, keep: boolean): void {
    if (!isSessionBind(request) || messageType(answer) !== SSH_AGENT_SUCCESS) return;
    this.any = true;
    if (keep) this.#kept.push(request);
  }

  /** Says everything again on a new connection, in order; whether the agent has accepted it all. */
  async repeat(link: SshAgentLink): Promise<boolean> {
    for (const bind of this.#kept) if (!isSuccess(await link.ask(bind))) return false;
    return true;
  }
}

function isSuccess(answer: Uint8Array | LinkLoss): boolean {
  return answer instanceof Uint8Array && messageType(answer) === SSH_AGENT_SUCCESS;
}
