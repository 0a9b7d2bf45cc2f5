/** The place without Windows: the helper on this system's Node, for which a named pipe is a Unix socket. */
import {readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DIST} from '../../../linux/helper-command.ts';
import {type Child, startChild, startedListening} from '../../bench/child.ts';
import type {Agent, Place} from './ground.ts';
import {tallyOf} from './tally.ts';

const AGENT = join(import.meta.dirname, '../../fixtures/counting-agent.ts');

export function here(): Place {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  return {
    name: 'the helper on Node',
    // nobody's own configuration
    env: {...env, XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: '/nonexistent'},
    helper: `${process.execPath} ${join(DIST, 'wslagent-helper.cjs')}`,
    parent: tmpdir(),
    startAgent: folder => startAgent(folder, env),
  };
}

async function startAgent(folder: string, env: Record<string, string>): Promise<Agent> {
  const [pipe, log] = [join(folder, 'agent'), join(folder, 'agent.log')];
  let child: Child;
  const start = async () => {
    child = await startChild(process.execPath, [AGENT, pipe], {env, log});
    await startedListening(child, pipe);
  };
  await start();
  return {
    target: `pipe:${pipe}`,
    start,
    async kill() {
      child.process.kill('SIGKILL');
      await child.stop();
    },
    tally: async () => tallyOf(await readFile(log, 'utf8')),
  };
}
