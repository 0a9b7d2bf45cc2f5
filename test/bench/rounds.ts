/**
 * Goes round all of these `rounds` times, each time beginning with the next, so that what else the machine does, and
 * who comes before whom, hits all alike.
 */
export async function inTurn<T>(
  all: readonly T[],
  rounds: number,
  work: (one: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (let n = 0; n < all.length; n++) {
      const one = all[(n + round) % all.length];
      if (one !== undefined) await work(one, round);
    }
}

/** Whether one that takes part in `few` of all rounds takes part in this one: evenly spread. */
export function takesPart(round: number, rounds: number, few: number): boolean {
  return round % Math.ceil(rounds / few) === 0;
}
