import {setTimeout as sleep} from 'node:timers/promises';
import type {ForeignLock, TurnLock} from '../native/turn-lock.ts';
import {Places} from './places.ts';

/** The pauses between two looks at another helper's turn, in milliseconds: the first, and the longest. */
const LOOK_MS = 4;
const LOOK_LONGEST_MS = 50;

/** How long a helper that had its turn lets others go first, in milliseconds: each of them looks in that time. */
const COURTESY_MS = 80;

/** A pipe whose only place was taken so lately is gone for a moment, not for good, in milliseconds. */
const RECENT_MS = 2000;

/**
 * How long we wait for one who has the turn and does not show that it is a helper, and for a helper that neither connects
 * nor serves, in milliseconds: a pipe may stay busy for 10 s.
 */
const STRANGER_MS = 2000;
const STUCK_MS = 15_000;

/** Nobody passed the turn on within the deadline; `narrow` when the pipe is known to have one place only. */
export class TurnTimeout extends Error {
  readonly narrow: boolean;
  constructor(narrow: boolean) {
    super('no turn');
    this.name = 'TurnTimeout';
    this.narrow = narrow;
  }
}

/** The right to connect to a pipe. Whoever has it ends it. */
export type Turn = {
  /** Just before, somebody had the pipe's only place: that it is gone now says nothing. */
  served: boolean;
  /** The pipe is known to have one place only. */
  narrow: boolean;
  /** Who was not waited for any longer: the other helpers may connect at the same time. A clause for people. */
  outOfTurn: string | undefined;
  /** Whether somebody waits for it. */
  wanted(): boolean;
  /** We have the pipe's only place, until `end`. */
  serve(): void;
  /** Passes it on; after `serve` when the server listens again. Any number of times. */
  end(): void;
};

export type TurnWish = {
  signal: AbortSignal;
  /** Until when it is waited for, on the clock of `performance.now()`. */
  deadline: number;
  /** Another helper that has the pipe's only place is not waited for; one that is just connecting is. */
  once?: true | undefined;
  /** Makes what all helpers share; gives undefined where they share nothing. */
  lock: () => TurnLock | ForeignLock | undefined;
  /** Waits until a server that serves one client at a time listens again, within a bound. Never rejects. */
  rest: () => Promise<void>;
};

/** What came of waiting for the other helpers: `served`, one of them had the pipe's only place. */
type Competed = {served?: boolean; outOfTurn?: string};

const queues = new Map<string, Queue>();

/**
 * Waits until it is our turn at a pipe. Connections to one pipe are opened in turn: a crowd that wakes up together
 * when a busy pipe is free again loses more than it gains, and the pipe of gpg-agent does not survive it
 * (error 535 in its log). In order within this process; among helpers in no order, but none is passed over
 * for long. Throws TurnTimeout, or something when `signal` says that nobody needs it any more.
 */
export async function takeTurn(pipe: string, wish: TurnWish): Promise<Turn> {
  const queue = queues.get(pipe) ?? new Queue();
  queues.set(pipe, queue);
  return await queue.take(wish);
}

class Queue {
  readonly #line = new Places(1);
  /** Until when other helpers go first. */
  #courtesy = 0;
  /** When the pipe's only place was last had; undefined as long as nothing says that it has only one. */
  #servedAt: number | undefined;

  async take(wish: TurnWish): Promise<Turn> {
    const first = await this.#line.take(wish.signal, wish.deadline);
    if (!first) throw new TurnTimeout(this.#servedAt !== undefined);
    let lock: TurnLock | undefined;
    try {
      const made = wish.lock();
      if (made !== undefined && 'foreign' in made)
        return this.#turn(undefined, wish, {outOfTurn: `${await made.foreign()} has the name of its turns`});
      lock = made;
      const found = lock === undefined ? {} : await this.#compete(lock, wish);
      if (found.outOfTurn === undefined) return this.#turn(lock, wish, found);
      lock?.close();
      return this.#turn(undefined, wish, found);
    } catch (error) {
      lock?.close();
      this.#line.give();
      throw error;
    }
  }

  /** Waits for the other helpers, but not for one who is none of them. */
  async #compete(lock: TurnLock, {signal, deadline, once, rest}: TurnWish): Promise<Competed> {
    let served = false;
    /** When the one who has the turn last was seen to be a helper, and to serve or to be another than before. */
    let [helper, moving] = [performance.now(), performance.now()];
    const courtesy = this.#courtesy - performance.now();
    if (courtesy > 0) await sleep(courtesy, undefined, {signal});
    for (let pause = LOOK_MS; ; pause = Math.min(pause * 1.5, LOOK_LONGEST_MS)) {
      const got = lock.take();
      if (got !== 'taken') {
        lock.lower('wanted');
        lock.raise('held');
        if (got === 'left') await rest();
        return {served: served || got === 'left'};
      }
      const now = performance.now();
      const serving = lock.raised('serving');
      served ||= serving;
      if (serving) moving = now;
      if (serving || lock.raised('held')) helper = now;
      if (now - helper > STRANGER_MS || now - moving > STUCK_MS) {
        const what = now - helper > STRANGER_MS ? 'and is no helper of wslagent' : 'and does nothing with it';
        return {outOfTurn: `${lock.holder()} has its turn ${what}`};
      }
      lock.raise('wanted');
      if (now > deadline || (once && served)) throw new TurnTimeout(served);
      await sleep(pause * (0.5 + Math.random()), undefined, {signal});
    }
  }

  #turn(lock: TurnLock | undefined, {rest}: TurnWish, {served = false, outOfTurn}: Competed): Turn {
    const lately = this.#servedAt !== undefined && performance.now() - this.#servedAt < RECENT_MS;
    let [serving, ended] = [false, false];
    const pass = (): void => {
      if (lock?.raised('wanted')) this.#courtesy = performance.now() + COURTESY_MS;
      lock?.give();
      lock?.close();
      this.#line.give();
    };
    return {
      served: served || lately,
      narrow: served || this.#servedAt !== undefined,
      outOfTurn,
      wanted: () => this.#line.waiting > 0 || lock?.raised('wanted') === true,
      serve: () => {
        serving = true;
        this.#servedAt = performance.now();
        lock?.raise('serving');
      },
      end: () => {
        if (ended) return;
        ended = true;
        if (serving) {
          this.#servedAt = performance.now();
          void rest().then(pass, pass);
        } else pass();
      },
    };
  }
}
