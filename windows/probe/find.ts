import type {EndpointProtocol} from '../../shared/endpoint.ts';
import type {FoundBy, GnupgReport, PageantReport} from '../../shared/probe.ts';
import {type GnupgSocket, gnupgProtocol, OPENSSH_PIPE} from '../../shared/target.ts';

/** Somebody who may answer, before anybody was asked. */
export type Lead = {target: string; protocol: EndpointProtocol; foundBy: FoundBy};

/** What was learned by looking. */
export type Sight = {
  platform: string;
  /** Names of pipes; empty where they cannot be listed. */
  pipes: readonly string[];
  pageant: PageantReport;
  /** The targets that SSH_AUTH_SOCK and KeeAgent's options name. */
  sshAuthSock: string | undefined;
  keeAgent: readonly string[];
};

/** Where agents may be without GnuPG's word, each once. Pure. */
export function leads({platform, pipes, pageant, sshAuthSock, keeAgent}: Sight): Lead[] {
  const found: Lead[] = [ssh(`pipe:${OPENSSH_PIPE}`, 'well known')];
  if (platform === 'win32') found.push(ssh('pageant:pipe', 'pageant'));
  if (pageant.window !== null) found.push(ssh('pageant:window', 'pageant'));
  for (const name of pipes) if (name.startsWith('pageant.')) found.push(ssh(`pipe:${name}`, 'pipe list'));
  for (const {path, pipe} of pageant.configFiles)
    if (pipe !== null && !pipes.includes(pipe)) found.push(ssh(`pageant:${path}`, 'openssh-config'));
  if (sshAuthSock !== undefined) found.push(ssh(sshAuthSock, 'SSH_AUTH_SOCK'));
  for (const target of keeAgent) found.push(ssh(target, 'KeeAgent'));
  return unique(found);
}

/** Where GnuPG says that its own programs answer. Pure. */
export function gnupgLeads({sockets, opensshPipe}: GnupgReport): Lead[] {
  const found = Object.entries(sockets).flatMap(([name, {exists}]): Lead[] => {
    if (!exists) return [];
    const protocol = gnupgProtocol(name as GnupgSocket);
    return [{target: `gpg:${name}`, protocol, foundBy: 'gpgconf'}];
  });
  if (opensshPipe !== null && opensshPipe !== OPENSSH_PIPE)
    found.push(ssh(`pipe:${opensshPipe}`, 'gpg-agent.conf'));
  return found;
}

function ssh(target: string, foundBy: FoundBy): Lead {
  return {target, protocol: 'ssh-agent', foundBy};
}

function unique(found: readonly Lead[]): Lead[] {
  return found.filter(({target}, index) => found.findIndex(other => other.target === target) === index);
}
