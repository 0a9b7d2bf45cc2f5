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
  /** All that the double has said so far. */
  words(): Promise<string[]>;
  stop(): Promise<void>;
};

export async function startToldBed(options: {systemd?: boolean; program?: string} = {}): Promise<ToldBed> {
  const twin = await startTwin(options);
  try {
    const node = await windowsNode(twin, options.program);
    const agent = await node.start('told-agent.ts', '\\\\.\\pipe\\told');
    const words = async () => (await agent.output()).split(/\r?\n/);
    const times = new Map<string, number>();
    const said = async (word: string) => {
      const wanted = (times.get(word) ?? 0) + 1;
      times.set(word, wanted);
      await poll(`the double to say ${word}`, CEILING, async () => {
        return (await words()).filter(line => line === word).length >= wanted;
      });
    };
    const stop = async () => {
      await node.stop();
      await twin.stop();
    };
    return {twin, node, target: 'pipe:told', said, words, stop};
  } catch (error) {
    await twin.stop();
    throw error;
  }
}
