/** A twin with an agent double on Windows that does what each request tells it. */
import {poll} from '../poll.ts';
import {startTwin, type Twin} from '../twin.ts';
import {CEILING} from './chain.ts';
import {type WindowsNode, windowsNode} from './windows-node.ts';

export type ToldBed = {
  twin: Twin;
  node: WindowsNode;
  /** The double, as a target. */
  target: string;
  /** Waits until the double has said `word` once more than when this was last asked for it. */
  said(word: string): Promise<void>;
  stop(): Promise<void>;
};

export async function startToldBed(): Promise<ToldBed> {
  const twin = await startTwin();
  try {
    const node = await windowsNode(twin);
    const agent = await node.start('told-agent.ts', '\\\\.\\pipe\\told');
    const times = new Map<string, number>();
    const said = async (word: string) => {
      const wanted = (times.get(word) ?? 0) + 1;
      times.set(word, wanted);
      await poll(`the double to say ${word}`, CEILING, async () => {
        const lines = (await agent.output()).split(/\r?\n/);
        return lines.filter(line => line === word).length >= wanted;
      });
    };
    const stop = async () => {
      await node.stop();
      await twin.stop();
    };
    return {twin, node, target: 'pipe:told', said, stop};
  } catch (error) {
    await twin.stop();
    throw error;
  }
}
