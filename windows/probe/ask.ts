import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {asFailure, FailureError} from '../../shared/failure.ts';
import type {AgentReport} from '../../shared/probe.ts';
import {IDENTITIES_ANSWER, REQUEST_IDENTITIES} from '../../shared/ssh-agent/identities.ts';
import {LENGTH_BYTES, messageType} from '../../shared/ssh-agent/messages.ts';
import {isTargetError, parseTarget, type Target} from '../../shared/target.ts';
import {SshAgentLink} from '../sessions/ssh-agent-link.ts';
import type {AgentConnection} from '../targets/connection.ts';
import {reach} from '../targets/reach.ts';
import type {Lead} from './find.ts';
import {within} from './within.ts';

/** How long one target may take, in milliseconds. */
const PROBE_MS = 2000;

/** How much longer one is waited for that does not heed its signal, in milliseconds. */
const GRACE_MS = 300;

type Answer = Pick<AgentReport, 'state' | 'detail' | 'hint' | 'keys' | 'server'>;

/**
 * Connects to a target, asks what no person is bothered with, and leaves. Starts nothing. Never rejects, and takes
 * no longer than two seconds, nor beyond `deadline` on the clock of performance.now().
 */
export async function probeTarget(lead: Lead, deadline = Number.POSITIVE_INFINITY): Promise<AgentReport> {
  const started = performance.now();
  const limit = Math.max(0, Math.min(PROBE_MS, deadline - started));
  const answer = await ask(lead.target, lead.protocol, limit);
  return {...lead, ...answer, elapsed: Math.round(performance.now() - started)};
}

async function ask(text: string, protocol: EndpointProtocol, limit: number): Promise<Answer> {
  const target = parseTarget(text);
  if (isTargetError(target)) return {state: 'badTarget', detail: target.error, hint: target.hint};
  const signal = AbortSignal.timeout(limit);
  let made: AgentConnection | undefined;
  const work = connectAndAsk(target, protocol, signal, connection => {
    made = connection;
  });
  const answer = await within(limit + GRACE_MS, work, undefined);
  if (answer !== undefined) return {...answer, ...(await serverOf(made))};
  const detail = `${made?.detail ?? text} did not answer within ${Math.round(limit / 100) / 10} s`;
  // A connection that is not made in time is kept waiting by a busy pipe; one that is made meets silence.
  const waits = made === undefined && protocol !== 'assuan' && !isFile(target);
  return {state: waits ? 'busy' : 'silent', detail, ...(await serverOf(made))};
}

/** Undefined when the signal came first. */
async function connectAndAsk(
  target: Target,
  protocol: EndpointProtocol,
  signal: AbortSignal,
  connected: (connection: AgentConnection) => void,
): Promise<Answer | undefined> {
  try {
    const {connection} = await reach([target], {protocol, signal, launch: false});
    connected(connection);
    try {
      return await answerOf(connection, protocol, signal);
    } finally {
      connection.stream.destroy();
    }
  } catch (error) {
    return signal.aborted ? undefined : failed(error);
  }
}

/** Whether a target is a socket, which is never busy. */
function isFile({kind}: Target): boolean {
  return kind === 'assuan' || kind === 'cygwin' || kind === 'unix';
}

function failed(error: unknown): Answer {
  const {reason, message, hint} = asFailure(error);
  return hint === undefined ? {state: reason, detail: message} : {state: reason, detail: message, hint};
}

/** Who serves a pipe, which only a pipe of Windows tells; an agent without a name is one all the same. */
async function serverOf(connection: AgentConnection | undefined): Promise<Pick<Answer, 'server'>> {
  if (connection?.server === undefined) return {};
  try {
    const {describeServer} = await import('./server.ts');
    const server = await describeServer(connection.server);
    return server === undefined ? {} : {server};
  } catch {
    return {};
  }
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
  if (!(answer instanceof Uint8Array)) {
    if (answer.failure !== undefined) throw new FailureError(answer.failure);
    return {state: 'agentClosed', detail: `${detail} closed the connection without an answer`};
  }
  if (messageType(answer) !== IDENTITIES_ANSWER)
    return {state: 'answers', detail: `${detail} (lists no keys: locked?)`};
  const keys = new DataView(answer.buffer, answer.byteOffset).getUint32(LENGTH_BYTES + 1);
  return {state: 'answers', detail, keys};
}
