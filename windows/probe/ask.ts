import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {asFailure} from '../../shared/failure.ts';
import type {AgentReport} from '../../shared/probe.ts';
import {LENGTH_BYTES, messageType} from '../../shared/ssh-agent/messages.ts';
import {isTargetError, parseTarget} from '../../shared/target.ts';
import {SshAgentLink} from '../sessions/ssh-agent-link.ts';
import type {AgentConnection} from '../targets/connection.ts';
import {reach} from '../targets/reach.ts';

/** How long one target may take, in milliseconds. */
const PROBE_MS = 2000;

/** RFC 9987: SSH_AGENTC_REQUEST_IDENTITIES and SSH_AGENT_IDENTITIES_ANSWER. */
const REQUEST_IDENTITIES = Uint8Array.of(0, 0, 0, 1, 11);
const IDENTITIES_ANSWER = 12;

type Answer = Pick<AgentReport, 'state' | 'detail' | 'hint' | 'keys'>;

/**
 * Connects to a target, asks what no person is bothered with, and leaves. Starts nothing. Never rejects, and takes
 * no longer than two seconds.
 */
export async function probeTarget(text: string, protocol: EndpointProtocol): Promise<AgentReport> {
  const started = performance.now();
  const answer = await ask(text, protocol);
  return {target: text, protocol, ...answer, elapsed: Math.round(performance.now() - started)};
}

async function ask(text: string, protocol: EndpointProtocol): Promise<Answer> {
  const target = parseTarget(text);
  if (isTargetError(target)) return {state: 'badTarget', detail: target.error, hint: target.hint};
  const signal = AbortSignal.timeout(PROBE_MS);
  let detail = '';
  try {
    const {connection} = await reach([target], {protocol, signal, launch: false});
    detail = connection.detail;
    try {
      return await answerOf(connection, protocol, signal);
    } finally {
      connection.stream.destroy();
    }
  } catch (error) {
    if (!signal.aborted) return failed(error);
    const late = `${detail || text} did not answer within ${PROBE_MS / 1000} s`;
    // A connection that is not made in time is kept waiting by a busy pipe; one that is made meets silence.
    return {state: detail === '' && protocol !== 'assuan' ? 'busy' : 'silent', detail: late};
  }
}

function failed(error: unknown): Answer {
  const {reason, message, hint} = asFailure(error);
  return hint === undefined ? {state: reason, detail: message} : {state: reason, detail: message, hint};
}

async function answerOf(
  connection: AgentConnection,
  protocol: EndpointProtocol,
  signal: AbortSignal,
): Promise<Answer> {
  const {detail} = connection;
  // An Assuan server has greeted by now, and of a raw one nothing is known.
  if (protocol !== 'ssh-agent') return {state: 'answers', detail};
  const link = new SshAgentLink(connection, () => {});
  const timeout = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), {once: true});
  });
  const answer = await Promise.race([link.ask(REQUEST_IDENTITIES), timeout]);
  if (!(answer instanceof Uint8Array))
    return {state: 'agentClosed', detail: `${detail} closed the connection without an answer`};
  if (messageType(answer) !== IDENTITIES_ANSWER)
    return {state: 'answers', detail: `${detail} (lists no keys: locked?)`};
  const keys = new DataView(answer.buffer, answer.byteOffset).getUint32(LENGTH_BYTES + 1);
  return {state: 'answers', detail, keys};
}
