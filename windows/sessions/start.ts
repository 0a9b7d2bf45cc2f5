import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {parseTargets} from '../targets/reach.ts';
import type {AgentSession, Client} from './client.ts';
import {PumpSession} from './pump.ts';
import {SshAgentSession} from './ssh-agent.ts';

/** Begins to serve a client. Throws FailureError `badTarget` for a target that cannot be read. */
export function startSession(
  protocol: EndpointProtocol,
  targets: readonly string[],
  client: Client,
): AgentSession {
  const parsed = parseTargets(targets);
  return protocol === 'ssh-agent'
    ? new SshAgentSession(client, parsed)
    : new PumpSession(client, protocol, parsed);
}
