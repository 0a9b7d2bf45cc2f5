import type {AgentReport, GnupgReport, ProbeReport} from '../../shared/probe.ts';
import {OPENSSH_PIPE} from '../../shared/target.ts';

/** A target that was found, who answers there, and how it fared; both in words for people. */
export type FoundTarget = {target: string; who: string; state: string};

const GPG_SSH = 'gpg:agent-ssh-socket';

/** Before those that are none of them, where two are equally alive. */
const PREFERENCE = [`pipe:${OPENSSH_PIPE}`, 'pageant', GPG_SSH];

export const ASLEEP = 'not running now; started when it is needed';

/** What is alive and of use, best first. The rest does not exist, or nobody could use it. */
const RANKS = {keys: 0, locked: 1, empty: 2, asleep: 3, mute: 4} as const;
type Rank = keyof typeof RANKS;

/** It is there, and may answer another time: a person may have to unlock it. */
const MUTE: readonly AgentReport['state'][] = ['silent', 'busy', 'agentClosed'];

type Candidate = FoundTarget & {rank: Rank};

/**
 * The targets at which an ssh agent was found, best first: the first that connects serves a connection, so one that
 * lists keys comes before one that lists none. Pure.
 */
export function sshCandidates(report: ProbeReport): FoundTarget[] {
  const best = new Map<string, Candidate>();
  for (const candidate of [...report.agents.flatMap(agent => ofAgent(agent, report)), ...asleep(report)]) {
    const known = best.get(candidate.target);
    if (known === undefined || RANKS[candidate.rank] < RANKS[known.rank])
      best.set(candidate.target, candidate);
  }
  return [...best.values()]
    .sort((a, b) => RANKS[a.rank] - RANKS[b.rank] || preference(a) - preference(b))
    .map(({target, who, state}) => ({target, who, state}));
}

/**
 * gpg-agent's pipe and window serve one client at a time; its socket has the same keys for everyone. A pipe that is
 * busy just now tells nobody's name, but gpg-agent.conf does.
 */
export function isGpgAgent({server, target, state}: AgentReport, gnupg: GnupgReport | null): boolean {
  if (server !== undefined) return server.product === 'gpg-agent';
  return state === 'busy' && gnupg !== null && target === `pipe:${gnupg.opensshPipe}`;
}

function preference({target}: Candidate): number {
  const place = PREFERENCE.indexOf(target);
  return place < 0 ? PREFERENCE.length : place;
}

function ofAgent(agent: AgentReport, report: ProbeReport): Candidate[] {
  const rank = rankOf(agent);
  if (agent.protocol !== 'ssh-agent' || rank === undefined) return [];
  const target = lasting(agent, report);
  // gpg-agent has this socket whether or not anybody wants its ssh keys
  if (target === GPG_SSH && rank !== 'keys' && !servesSsh(report.gnupg)) return [];
  return [{target, who: who(agent, target, report), state: stateText(agent), rank}];
}

function rankOf({state, keys}: AgentReport): Rank | undefined {
  if (state !== 'answers') return MUTE.includes(state) ? 'mute' : undefined;
  if (keys === undefined) return 'locked';
  return keys > 0 ? 'keys' : 'empty';
}

/** What to write down for an agent: the name of Pageant's pipe changes, and some agents have a better door. */
function lasting(agent: AgentReport, {gnupg}: ProbeReport): string {
  if (gnupg !== null && isGpgAgent(agent, gnupg)) return GPG_SSH;
  if (isPageant(agent)) return 'pageant';
  return agent.target;
}

function isPageant({target, foundBy}: AgentReport): boolean {
  return foundBy === 'pageant' || foundBy === 'openssh-config' || target.startsWith('pipe:pageant.');
}

/** Whether gpg-agent.conf says that its ssh keys are wanted. */
function servesSsh(gnupg: GnupgReport | null): boolean {
  return gnupg !== null && (gnupg.sshSupport || gnupg.puttySupport || gnupg.opensshPipe !== null);
}

/** A gpg-agent that is to serve ssh and does not run has no pipe, window or socket that answers; another candidate is better. */
function asleep({gnupg}: ProbeReport): Candidate[] {
  if (gnupg === null || !servesSsh(gnupg)) return [];
  return [{target: GPG_SSH, who: gpgAgent(gnupg), state: ASLEEP, rank: 'asleep'}];
}

export function gpgAgent({version}: GnupgReport): string {
  return `gpg-agent of GnuPG${version === null ? '' : ` ${version}`}`;
}

function who(agent: AgentReport, target: string, {gnupg}: ProbeReport): string {
  const {server, detail} = agent;
  if (target === GPG_SSH) return gnupg === null ? 'gpg-agent' : gpgAgent(gnupg);
  const name = server?.product ?? (target === 'pageant' ? 'Pageant' : 'an agent');
  if (agent.target.startsWith('pipe:')) return `${name} on //./pipe/${agent.target.slice('pipe:'.length)}`;
  if (agent.target === 'pageant:window') return `${name}'s window`;
  return agent.state === 'answers' ? `${name} on ${detail}` : `${name} at ${agent.target}`;
}

function stateText({state, keys, detail}: AgentReport): string {
  if (state !== 'answers') return detail;
  if (keys === undefined) return 'answers and lists no keys: locked?';
  return `answers, ${keys} ${keys === 1 ? 'key' : 'keys'}`;
}
