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

/** What each of these test files needs; `inTwin`: they run in the twin. Rejects with a `Fault` on a word unknown here. */
export async function statedNeeds(
  files: readonly string[],
  {inTwin = true} = {},
): Promise<Map<string, Need[]>> {
  const stated = new Map<string, Need[]>();
  for (const file of files) {
    const words = wordsOf(await readFile(file, 'utf8'));
    stated.set(file, inTwin ? ['wine', ...needsOf(file, words ?? NEEDS)] : needsOf(file, words ?? []));
  }
  return stated;
}

/**
 * What a line `// needs: pageant, sshd` names; undefined without one. Such a file of the twin needs everything, so that
 * one that forgot the line is left out rather than failed; another one needs nothing.
 */
function wordsOf(source: string): string[] | undefined {
  const line = /^\/\/ needs:(.*)$/m.exec(source);
  return line?.[1]?.split(',').map(word => word.trim());
}

function needsOf(file: string, words: readonly string[]): Need[] {
  return words.map(word => {
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
