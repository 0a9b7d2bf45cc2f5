/** Many clients at the same moment, again and again. */
import {comments, FAILURE, REQUEST_IDENTITIES} from './agent-messages.ts';
import type {Chain} from './chain.ts';
import {Client} from './client.ts';

export const CLIENTS = 20;
export const ROUNDS = 10;

/** How helpers are shared by a crowd that leaves after each answer, and by one that stays. */
export const CROWDS = [
  {sharing: 'overflow', maxHelpers: 8, stays: false},
  {sharing: 'overflow', maxHelpers: 8, stays: true},
  {sharing: 'always', maxHelpers: 1, stays: false},
  {sharing: 'always', maxHelpers: 1, stays: true},
  // who has no helper waits until somebody leaves
  {sharing: 'never', maxHelpers: CLIENTS, stays: true},
] as const;

/** What a test of one of them is called. */
export function crowdTitle({sharing, stays}: {sharing: string; stays: boolean}): string {
  return `sharing ${sharing}: ${CLIENTS} clients at the same moment, ${ROUNDS} rounds, who ${stays ? 'stay' : 'leave'}`;
}

/** What the relay said of connections that did not go well: an exe that Wine did not start is repeated, and is none. */
export function faults({lines}: Chain): string[] {
  return lines.filter(line => / (warning|error): socket#/.test(line));
}

export type Crowd = {
  /** The relays' sockets, over which the clients are spread. */
  sockets: string[];
  /** Whether each client keeps its connection for all rounds; otherwise it leaves after each answer and comes again. */
  stays: boolean;
  /** How many keys an answer must have. */
  keys: number;
  rounds?: number;
};

/** Each client asks for the keys in each round, all at the same moment; gives how many were answered. */
export async function crowd({sockets, stays, keys, rounds = ROUNDS}: Crowd): Promise<number> {
  const come = () =>
    Promise.all(Array.from({length: CLIENTS}, (_, n) => Client.to(sockets[n % sockets.length] ?? '')));
  let clients = await come();
  let answered = 0;
  for (let round = 1; round <= rounds; round++) {
    const answers = clients.map(async client => {
      const answer = await client.ask(REQUEST_IDENTITIES).catch(() => undefined);
      if (!stays) client.close();
      return answer !== undefined && !answer.equals(FAILURE) && comments(answer).length === keys;
    });
    answered += (await Promise.all(answers)).filter(Boolean).length;
    // every round after one that failed would take its full time
    if (answered < CLIENTS * round) break;
    if (!stays && round < rounds) clients = await come();
  }
  for (const client of clients) client.close();
  return answered;
}
