/** What answers at the end of each way: a server that does nothing, and a real Pageant. */
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {ensureAgents} from '../twin/agents/ensure.ts';
import {makeKey} from '../twin/agents/keys.ts';
import {startPageant} from '../twin/agents/pageant.ts';
import {startChild, startedWhen} from './child.ts';
import type {Server} from './report/schema.ts';
import type {Bed} from './ways/way.ts';

export type Serving = {
  /** The pipe that speaks ssh-agent. */
  agent: string;
  /** The pipe for raw bytes, where there is one. */
  raw?: string;
  stop(): Promise<void>;
};

export const SERVERS: Readonly<Record<Server, (bed: Bed) => Promise<Serving>>> = {
  nothing: startNothing,
  pageant: startRealPageant,
};

async function startNothing(bed: Bed): Promise<Serving> {
  const [agent, raw] = ['//./pipe/bench-agent', '//./pipe/bench-raw'];
  const child = await startChild(bed.programs.server, [agent, raw], {
    env: bed.twin.env,
    log: bed.file('server.log'),
  });
  await startedWhen(child, 'the pipe server to listen', async () =>
    (await child.output()).includes('listening'),
  );
  return {agent, raw, stop: child.stop};
}

/** A Pageant that holds one key. */
async function startRealPageant({twin}: Bed): Promise<Serving> {
  const {pageant: built} = await ensureAgents({pageant: true});
  if (built === undefined) throw new Error('there is no Pageant');
  const folder = await mkdtemp(join(twin.home, 'keys-'));
  const key = await makeKey(folder, 'key', 'ed25519');
  const {pipe, stop} = await startPageant(twin.env, {
    pageantExe: built.pageantExe,
    keys: [key.ppkPath],
    folder,
  });
  return {
    agent: pipe,
    async stop() {
      await stop();
      await rm(folder, {recursive: true, force: true});
    },
  };
}
