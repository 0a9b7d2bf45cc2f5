import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {parseTargets} from '../targets/reach.ts';
import type {AgentSession, Client} from './client.ts';
import {SshAgentSession} from './ssh-agent.ts';

/** Begins to serve a client. Throws FailureError `badTarget` for a target that cannot be read. */
export function startSession(
  protocol: EndpointProtocol,
  targets: readonly string[],
  client: Client,
): AgentSession {
  const parsed = parseTargets(targets);
  switch (protocol) {
    case 'ssh-agent':
      return new SshAgentSession(client, parsed);
    default:
      throw new Error(protocol);
  }
}
