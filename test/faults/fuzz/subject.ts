import type {Random} from './random.ts';

/** Something that reads bytes which nobody vouches for. */
export type Subject = {
  name: string;
  /** An input as an honest peer, a file or a person makes it. */
  make(random: Random): Uint8Array;
  /** Feeds it, whole and in pieces; throws when a promise is broken. */
  feed(input: Uint8Array, random: Random): Outcome;
};

export type Outcome = {
  /** How many frames, messages or lines that was, as far as one can tell; at least 1. */
  units: number;
  /** What came out, without what differs each time: an input with a new one is worth to be varied. */
  word: string;
};

export function promise(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** What `work` throws when it is of this kind, or has this name; everything else goes on to the caller. */
export function refusal(work: () => void, allowed: (new (...args: never[]) => Error) | string): string {
  try {
    work();
    return '';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (typeof allowed === 'string' ? error.name === allowed : error instanceof allowed) return error.message;
    throw error;
  }
}

/** A sentence without its numbers and quotations. */
export function kindOf(sentence: string): string {
  return sentence.replace(/"[^"]*"|: .*|[0-9]+/g, '#').slice(0, 80);
}

/** Whether it can stand in a log or on a terminal: one line, nothing that steers. */
export function isOneLine(text: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text);
}
