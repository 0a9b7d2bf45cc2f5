import type {Note, ProbeReport} from '../../shared/probe.ts';
import {ASLEEP, type FoundTarget, gpgAgent, isGpgAgent, sshCandidates} from './ssh-candidates.ts';

export type ChosenEndpoint = {
  name: 'ssh' | 'gpg';
  /** In the order in which they are tried. */
  targets: FoundTarget[];
  /** They stand in the person's configuration file, which counts for more than what was found. */
  configured: boolean;
};

export type Choice = {endpoints: ChosenEndpoint[]; notes: Note[]};

/** What the Linux side has to say about it. */
export type LinuxFacts = {
  /** Targets of the configuration file, by endpoint. */
  configured: Readonly<Record<string, readonly string[] | undefined>>;
  /** GnuPG of Linux: not there, there, or there with secret keys that gpg would lose sight of. */
  gpg: 'absent' | 'present' | 'own keys';
};

const GPG_AGENT = 'gpg:agent-socket';

/** Nobody runs behind the socket; whoever connects through the relay starts gpg-agent. */
const DOWN: readonly string[] = ['absent', 'refused'];

/** It is there and cannot be used, which a person has to know: a stranger's, or one that runs as administrator. */
const OUT_OF_BOUNDS: readonly string[] = ['untrusted', 'denied'];

/** Which of what was found on Windows is worth an endpoint, with which targets. Pure. */
export function choose(report: ProbeReport, linux: LinuxFacts): Choice {
  const ssh = chooseSsh(report, linux);
  const gpg = chooseGpg(report, linux);
  const refused = report.agents
    .filter(({state}) => OUT_OF_BOUNDS.includes(state))
    .map(({detail, hint}): Note => ({text: `not used: ${detail}`, ...(hint === undefined ? {} : {hint})}));
  return {endpoints: [...ssh.endpoints, ...gpg.endpoints], notes: [...refused, ...ssh.notes, ...gpg.notes]};
}

function chooseSsh(report: ProbeReport, {configured}: LinuxFacts): Choice {
  const found = sshCandidates(report);
  const own = configured.ssh;
  if (own !== undefined) return fromFile('ssh', own, found);
  if (found.length === 0) return {endpoints: [], notes: []};
  const door = report.agents.find(
    agent => isGpgAgent(agent, report.gnupg) && agent.target.startsWith('pipe:'),
  );
  const notes =
    door === undefined || report.gnupg === null
      ? []
      : [
          {
            text: `gpg-agent's own socket is used in place of ${door.target}, which serves one client at a time`,
          },
        ];
  return {endpoints: [{name: 'ssh', targets: found, configured: false}], notes};
}

function chooseGpg({gnupg, agents}: ProbeReport, {configured, gpg}: LinuxFacts): Choice {
  if (gnupg === null) return {endpoints: [], notes: []};
  if (gpg === 'absent') return leftOut('the Linux side has no gpg', 'sudo apt-get install gnupg');
  if (gpg === 'own keys')
    return leftOut(
      'the Linux side has secret keys of its own, which gpg would not find any more',
      'wslagent install gpg --now',
    );
  const agent = agents.find(({target}) => target === GPG_AGENT);
  const runs = agent !== undefined && !DOWN.includes(agent.state);
  const state = runs ? (agent.state === 'answers' ? 'answers' : agent.detail) : ASLEEP;
  const found = [{target: GPG_AGENT, who: gpgAgent(gnupg), state}];
  const own = configured.gpg;
  if (own !== undefined) return fromFile('gpg', own, found);
  return {endpoints: [{name: 'gpg', targets: found, configured: false}], notes: []};
}

function leftOut(why: string, hint: string): Choice {
  return {endpoints: [], notes: [{text: `gpg is left out: ${why}`, hint}]};
}

/** The person's own targets stay; what was found beside them is told, with the line that would use it. */
function fromFile(
  name: ChosenEndpoint['name'],
  own: readonly string[],
  found: readonly FoundTarget[],
): Choice {
  const targets = own.map(
    target => found.find(other => other.target === target) ?? {target, who: target, state: 'not asked'},
  );
  const others = found.filter(({target}) => !own.includes(target));
  if (others.length === 0) return {endpoints: [{name, targets, configured: true}], notes: []};
  const all = [...own, ...others.map(({target}) => target)].map(target => JSON.stringify(target));
  const note: Note = {
    text: `found as well for ${name}: ${others.map(({who, state}) => `${who} (${state})`).join('; ')}`,
    hint: `under [endpoints.${name}] of the configuration file: targets = [${all.join(', ')}]`,
  };
  return {endpoints: [{name, targets, configured: true}], notes: [note]};
}
