import {existsSync} from 'node:fs';
import path from 'node:path';
import {asFailure, type Failure} from '../../shared/failure.ts';
import {OPENSSH_PIPE, type Target} from '../../shared/target.ts';
import type {AgentConnection} from '../targets/connection.ts';
import {reach} from '../targets/reach.ts';
import type {Flag} from './flags.ts';
import {polled} from './poll.ts';
import {requestStream} from './requests.ts';
import {protocolOf, readTarget} from './target.ts';

/** Why there is no connection: npiperelay's fatal line, and what to do about it. */
export type NotOpened = {fatal: string; hint?: string};

const TRUST = 'find out who made it; if it is to be trusted: -trust-any-owner';

/** Connects as npiperelay does. `said` gets what -v tells on the way. A test has another `reaching`. */
export async function openTarget(
  text: string,
  flags: ReadonlySet<Flag>,
  said: (line: string) => void,
  reaching = reach,
): Promise<AgentConnection | NotOpened> {
  const target = readTarget(text, flags);
  if (typeof target === 'string') return {fatal: `open ${text}: ${target}`};
  let last = 0;
  const port = (now: number): void => {
    // npiperelay shows the nonce, too, with which anyone can use the agent.
    if (now !== last) said(`Port: ${now}, Nonce: <redacted>`);
    last = now;
  };
  try {
    return await polled(flags, () => connect(target, port, reaching));
  } catch (error) {
    const failure = asFailure(error);
    const fatal = fatalLine(text, target, failure);
    const hint = failure.reason === 'untrusted' ? TRUST : failure.hint;
    return hint === undefined ? {fatal} : {fatal, hint};
  }
}

async function connect(
  target: Target,
  port: (port: number) => void,
  reaching: typeof reach,
): Promise<AgentConnection> {
  const protocol = protocolOf(target);
  const signal = new AbortController().signal;
  const {connection} = await reaching([target], {protocol, signal, launch: true, once: true, port});
  if (protocol === 'ssh-agent') {
    // It was there to see that somebody listens: gpg-agent's ssh socket closes what it has to wait for.
    connection.stream.destroy();
    return {stream: requestStream(target), detail: connection.detail, halfCloses: true};
  }
  // Who serves OpenSSH's pipe speaks its protocol; and where that is one client at a time, a client that stays
  // must not keep all others out.
  if (connection.turn !== undefined && target.kind === 'pipe' && target.path.toLowerCase() === OPENSSH_PIPE)
    return {stream: requestStream(target, connection), detail: connection.detail, halfCloses: true};
  return connection;
}

/** In Windows' words where npiperelay has them, since scripts look for those; else in ours. */
function fatalLine(text: string, target: Target, {reason, message}: Failure): string {
  if (target.kind !== 'pipe' && target.kind !== 'assuan') return `open ${text}: ${message}`;
  switch (reason) {
    case 'absent':
      return target.kind === 'pipe' || existsSync(path.dirname(target.path))
        ? `open ${text}: The system cannot find the file specified.`
        : `open ${text}: The system cannot find the path specified.`;
    case 'denied':
      return `open ${text}: Access is denied.`;
    case 'busy':
      return `open ${text}: All pipe instances are busy.`;
    case 'refused':
      if (target.kind === 'pipe') return `open ${text}: ${message}`;
      return `ConnectEx: No connection could be made because the target machine actively refused it. (${message})`;
    default:
      return `open ${text}: ${message}`;
  }
}
