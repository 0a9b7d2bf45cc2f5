import {firstAnswer} from '../bench/asker.ts';

/** How long each part of asking an agent took, in milliseconds. */
export type AgentTimes = {
  /** From connect to the complete first answer. */
  first: number;
  /** A second request on the same connection. */
  second: number;
};

/** Asks the agent at a Unix socket for its keys, twice on one connection. Rejects when it does not answer in `limit` ms. */
export async function askTwice(path: string, limit: number): Promise<AgentTimes> {
  const {asker, elapsed} = await firstAnswer(path, {deadline: limit});
  try {
    const between = performance.now();
    await asker.ask();
    return {first: elapsed, second: performance.now() - between};
  } finally {
    asker.close();
  }
}
