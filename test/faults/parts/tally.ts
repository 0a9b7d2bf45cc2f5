/** How often each request to sign came, from what the agent that counts has said. */
export function tallyOf(said: string): Map<number, number> {
  const tally = new Map<number, number>();
  for (const [, id] of said.matchAll(/^sign (\d+)\r?$/gm))
    tally.set(Number(id), (tally.get(Number(id)) ?? 0) + 1);
  return tally;
}

/** Those that came more than once. */
export function twice(tally: ReadonlyMap<number, number>): number[] {
  return [...tally].flatMap(([id, times]) => (times > 1 ? [id] : []));
}
