import {readFile} from 'node:fs/promises';
import {agentsMissing, ensureAgents} from '../../test/twin/agents/ensure.ts';
import {AgentsFault} from '../../test/twin/agents/fault.ts';
import {twinMissing} from '../../test/twin/missing.ts';
import {Fault} from '../fault.ts';
import {ensurePackages, PACKAGES} from '../packages.ts';

/** What a test file in the twin can need; `wine` stands for the twin itself, which each of them needs. */
export const NEEDS = [
  'wine',
  'systemd',
  'pageant',
  'gnupg',
  'ssh',
  'sshd',
  'gpg',
  'git',
  'socat',
  'zsh',
  'fish',
  'cc',
] as const;
export type Need = (typeof NEEDS)[number];
/** For each need that this machine does not meet, a sentence on why. */
export type Unmet = ReadonlyMap<Need, string>;

/** What each of these test files of the twin needs. Rejects with a `Fault` on a word unknown here. */
export async function statedNeeds(files: readonly string[]): Promise<Map<string, Need[]>> {
  const stated = new Map<string, Need[]>();
  for (const file of files) {
    stated.set(file, needsOf(file, await readFile(file, 'utf8')));
  }
  return stated;
}

/**
 * `wine` and what the line `// needs: pageant, sshd` names. A file without such a line needs everything, so that
 * one that forgot it is left out rather than failed.
 */
function needsOf(file: string, source: string): Need[] {
  const line = /^\/\/ needs:(.*)$/m.exec(source);
  const words = line?.[1]?.split(',').map(word => word.trim()) ?? [...NEEDS];
  return ['wine', ...words].map(word => {
    const need = NEEDS.find(known => known === word);
    if (need === undefined) {
      throw new Fault(`${file} needs "${word}"; known are ${NEEDS.join(', ')}`, `head ${file}`);
    }
    return need;
  });
}

/** Gets what can be got (packages as root, the agents built) and says what this machine still cannot offer. */
export async function meetNeeds(): Promise<Unmet> {
  const unmet = new Map<Need, string>(await ensurePackages(PACKAGES));
  for (const [need, sentences] of [
    ['systemd', twinMissing('systemd')],
    ['wine', twinMissing('wine')],
  ] as const) {
    if (sentences.length > 0) {
      unmet.set(need, sentences.join('; '));
    }
  }
  // Without a twin nobody would run the agents, and building them takes minutes.
  if (!unmet.has('wine')) {
    await buildAgents(unmet);
  }
  return unmet;
}

async function buildAgents(unmet: Map<Need, string>): Promise<void> {
  for (const {agent} of await agentsMissing()) {
    try {
      await ensureAgents({[agent]: true, onProgress: line => console.log(`agents: ${line}`)});
    } catch (error) {
      const hint = error instanceof AgentsFault ? `: ${error.hint}` : '';
      unmet.set(agent, `${error instanceof Error ? error.message : error}${hint}`);
    }
  }
}
