/** The place with Windows: the built exe under Wine, and an agent on a named pipe of Windows. */
import {builtExe} from '../../../linux/helper-command.ts';
import {type WindowsProgram, windowsNode} from '../../twin/e2e/windows-node.ts';
import {startTwin, type Twin, twinHasSystemd} from '../../twin/twin.ts';
import type {Agent, Place} from './ground.ts';
import {tallyOf} from './tally.ts';

export type TwinPlace = Place & {twin: Twin; stop(): Promise<void>};

export async function twinPlace(): Promise<TwinPlace> {
  const twin = await startTwin({systemd: twinHasSystemd()});
  try {
    const node = await windowsNode(twin);
    let agents = 0;
    return {
      name: 'the exe under Wine',
      twin,
      env: twin.env,
      helper: builtExe(),
      parent: twin.runtimeDir,
      startAgent: () => startAgent(`counted-${agents++}`, node.start),
      async stop() {
        await node.stop();
        await twin.stop();
      },
    };
  } catch (error) {
    await twin.stop();
    throw error;
  }
}

async function startAgent(
  name: string,
  run: (fixture: string, ...args: string[]) => Promise<WindowsProgram>,
): Promise<Agent> {
  // each has a log of its own
  const programs: WindowsProgram[] = [];
  const start = async () => void programs.push(await run('counting-agent.ts', `\\\\.\\pipe\\${name}`));
  await start();
  return {
    target: `pipe:${name}`,
    start,
    async kill() {
      await programs.at(-1)?.stop();
    },
    async tally() {
      const outputs = await Promise.all(programs.map(({output}) => output()));
      return tallyOf(outputs.join('\n'));
    },
  };
}
