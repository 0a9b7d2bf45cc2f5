import {ensureAgents} from './ensure.ts';
import {AgentsFault} from './fault.ts';

const WANTED: Record<string, {pageant?: boolean; gnupg?: boolean}> = {
  pageant: {pageant: true},
  gnupg: {gnupg: true},
  all: {pageant: true, gnupg: true},
};

/** `node test/twin/agents/build.ts [pageant|gnupg|all]`: builds what the cache lacks and prints where it is. */
async function main(what = 'all'): Promise<void> {
  const wanted = WANTED[what];
  if (!wanted || process.argv.length > 3) {
    throw new AgentsFault(
      `unknown agent: ${process.argv.slice(2).join(' ')}`,
      'npx node test/twin/agents/build.ts all',
    );
  }
  const {pageant, gnupg} = await ensureAgents({
    ...wanted,
    onProgress: line => console.error(`agents: ${line}`),
  });
  for (const folder of [pageant?.folder, gnupg?.folder]) {
    if (folder !== undefined) {
      console.log(folder);
    }
  }
}

try {
  await main(process.argv[2]);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof AgentsFault) {
    console.error(`agents: error: ${error.message}\nagents: hint: ${error.hint}`);
  } else {
    console.error(error);
  }
}
