import type {Failure} from '../../shared/failure.ts';
import type {Log} from '../log.ts';
import {Backoff} from './backoff.ts';
import {Demand, EXPECTED_MS} from './demand.ts';
import {SILENT} from './helper-failure.ts';
import type {HelperEvents, HelperProcess} from './helper-process.ts';
import {failureText} from './journal.ts';

export type Sharing = 'overflow' | 'never' | 'always';

export type PoolOptions = {
  sharing: Sharing;
  /** Helpers that are ready for the next client while clients come; 0 is none, however many come. */
  spares: number;
  /** The most helpers that exist at a time, those included that are being stopped; but one more for each in doubt. */
  maxHelpers: number;
  /** How long a helper that nobody uses is kept, in milliseconds. */
  spareIdle: number;
  start(events: HelperEvents): HelperProcess;
  /** Why none can be started now; undefined when that has to be tried. */
  obstacle(): Failure | undefined;
  log: Log;
};

/** A connection that needs a helper: exactly one of the two is called, once. */
export type Waiter = {
  /** Must open its channel before it returns. */
  serve(helper: HelperProcess): void;
  failed(failure: Failure): void;
};

type Member = {
  helper: HelperProcess;
  /** `late`: starts for so long that another does so beside it. `doubted`: gives no sign of life. */
  state: 'starting' | 'late' | 'ready' | 'doubted' | 'leaving';
  started: number;
  lateTimer: NodeJS.Timeout;
  idleTimer: NodeJS.Timeout | undefined;
};

/** A helper beyond the spares stays this long, so that a client that comes soon starts no process. */
const SURPLUS_IDLE = 10_000;

/** A start that takes longer has got stuck, where others went well, in milliseconds. */
const LATE_START = 5000;

const STOPPED: Failure = {reason: 'gone', message: 'the relay is stopping'};

/**
 * Decides which helper serves which connection, and how many there are. Starts none before the first client, but for
 * one that it is told to begin with.
 *
 * - `overflow`: a ready helper that serves nobody; none there: the running one with the fewest
 *   connections. Another is started when much goes through those that run, and a client would wait behind
 *   that: a process takes some 30 MB of Windows' memory and serves a thousand clients that ask now and then
 *   (docs/adr/0007). A helper whose last client left is a spare again: clients share processes in this mode
 *   anyway, and what an agent remembers of a client (bindings) belongs to a connection, which is never shared.
 * - `never`: what an agent grants to a process (1Password's and Bitwarden's approvals) must not reach
 *   another client, so a helper serves one connection and ends; beyond `maxHelpers` they wait in order.
 *   After clients that came together as many spares are ready, for they often do so again.
 * - `always`: one helper for all.
 */
export class HelperPool {
  readonly #options: PoolOptions;
  /** In the order in which they became free, so that the last one is the warmest. */
  readonly #members = new Set<Member>();
  readonly #waiters: Waiter[] = [];
  readonly #backoff = new Backoff();
  readonly #demand = new Demand();
  #retry: NodeJS.Timeout | undefined;
  /** How the last start went. */
  #lastStart: 'none' | 'well' | 'failed' = 'none';
  #lastClient = Number.NEGATIVE_INFINITY;
  /** No more spares. */
  #retired = false;
  /** No more helpers at all. */
  #stopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts a helper before anybody asks for one: for a client that is on its way. */
  begin(): void {
    this.#start();
  }

  /** Asks for a helper; the function that is returned withdraws the wish. */
  request(waiter: Waiter): () => void {
    this.#lastClient = performance.now();
    this.#demand.note(this.#lastClient);
    this.#waiters.push(waiter);
    this.#serve();
    this.#startNeeded();
    return () => {
      const index = this.#waiters.indexOf(waiter);
      if (index >= 0) this.#waiters.splice(index, 1);
    };
  }

  /** Keeps no spares any more; helpers that serve go on until their last connection is over. */
  retire(): void {
    this.#retired = true;
    clearTimeout(this.#retry);
    for (const member of this.#members)
      if (isFree(member) || (isStarting(member) && this.#waiters.length === 0)) this.#stop(member);
  }

  /** Stops every helper; resolves when all are gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.retire();
    for (const waiter of this.#waiters.splice(0)) waiter.failed(STOPPED);
    const members = [...this.#members];
    await Promise.all(
      members.map(member => {
        this.#stop(member);
        return member.helper.gone;
      }),
    );
  }

  /** How many helpers exist. */
  get size(): number {
    return this.#members.size;
  }

  /** Gives helpers to those who wait, in order. */
  #serve(): void {
    while (this.#waiters.length > 0) {
      const member = this.#choose();
      if (member === undefined) return;
      clearTimeout(member.idleTimer);
      this.#waiters.shift()?.serve(member.helper);
    }
  }

  #choose(): Member | undefined {
    const able = [...this.#members].filter(
      ({state, helper}) => state === 'ready' && helper.hasRoom && !helper.unproven,
    );
    const free = able.findLast(isFree);
    if (free !== undefined || this.#options.sharing === 'never') return free;
    const calm = able.filter(({helper}) => !helper.heavy);
    return (calm.length > 0 ? calm : able).reduce<Member | undefined>(
      (best, member) => (best === undefined || member.helper.load < best.helper.load ? member : best),
      undefined,
    );
  }

  /** Whether it would serve the next client at once, and undisturbed. */
  readonly #isOpen = (member: Member): boolean => {
    if (isFree(member)) return true;
    const {state, helper} = member;
    return this.#options.sharing === 'overflow' && state === 'ready' && helper.hasRoom && !helper.heavy;
  };

  /** Starts what those who wait need, and the spares that are due. */
  #startNeeded(): void {
    const due = this.#due();
    const obstacle = due > 0 ? this.#options.obstacle() : undefined;
    if (obstacle === undefined) for (let count = due; count > 0; count--) this.#start();
    else {
      this.#failWaiters(obstacle);
      this.#pause();
    }
  }

  #due(): number {
    const {sharing, maxHelpers} = this.#options;
    const starting = this.#count(({state}) => state === 'starting');
    const waiting = this.#waiters.length;
    const needed = sharing === 'never' ? waiting : Math.min(waiting, 1);
    // first those who wait: a spare that starts beside them would slow them down
    const wanted = needed > 0 ? needed : this.#sparesWanted() - this.#count(this.#isOpen);
    // one that does nothing takes nobody's place, but there is an end to that too
    const doubted = Math.min(
      this.#count(({state}) => state === 'doubted'),
      maxHelpers,
    );
    return this.#stopped ? 0 : Math.min(wanted - starting, maxHelpers - this.#members.size + doubted);
  }

  #sparesWanted(): number {
    const {sharing, spares, spareIdle} = this.#options;
    const now = performance.now();
    const longAgo = now - this.#lastClient > spareIdle;
    if (this.#retired || sharing === 'always' || this.#retry !== undefined || longAgo) return 0;
    return sharing === 'never' && spares > 0 ? Math.max(spares, this.#demand.expected(now)) : spares;
  }

  #count(test: (member: Member) => boolean): number {
    return [...this.#members].filter(test).length;
  }

  #start(): void {
    const member: Member = {
      state: 'starting',
      started: performance.now(),
      lateTimer: setTimeout(() => this.#late(member), LATE_START),
      idleTimer: undefined,
      helper: this.#options.start({
        ready: () => this.#ready(member),
        idle: () => this.#idle(member),
        heavy: () => this.#startNeeded(),
        doubted: () => this.#doubted(member),
        proven: () => this.#serve(),
        over: (failure, wordless) => this.#over(member, failure, wordless),
      }),
    };
    this.#members.add(member);
    void member.helper.gone.then(() => {
      this.#members.delete(member);
      this.#startNeeded();
    });
  }

  /** One such start may be stuck by chance; two are not. */
  #late(member: Member): void {
    if (this.#lastStart !== 'well' || this.#count(({state}) => state === 'late') > 0) return;
    member.state = 'late';
    this.#startNeeded();
  }

  #ready(member: Member): void {
    clearTimeout(member.lateTimer);
    member.state = 'ready';
    this.#demand.learn(performance.now() - member.started);
    this.#lastStart = 'well';
    this.#rest(member);
    this.#serve();
    this.#startNeeded();
  }

  #idle(member: Member): void {
    this.#succeeded();
    const {state, helper} = member;
    if (this.#options.sharing === 'never' || this.#retired || state !== 'ready' || !helper.hasRoom) {
      this.#stop(member);
      return;
    }
    this.#rest(member);
    this.#serve();
    this.#startNeeded();
  }

  /** A helper has served: the spares that were left alone need not wait any longer. */
  #succeeded(): void {
    this.#backoff.succeeded();
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  /** The helper serves nobody: kept for a while. */
  #rest(member: Member): void {
    this.#members.delete(member);
    this.#members.add(member);
    const {sharing, spares, spareIdle} = this.#options;
    const kept = sharing === 'always' ? 1 : spares;
    const surplusIdle = sharing === 'never' ? EXPECTED_MS : SURPLUS_IDLE;
    const time = this.#count(this.#isOpen) > kept ? Math.min(surplusIdle, spareIdle) : spareIdle;
    member.idleTimer = setTimeout(() => this.#stop(member), time);
  }

  #stop(member: Member): void {
    void member.helper.stop();
  }

  /** What has befallen it may have befallen the others. */
  #doubted(member: Member): void {
    member.state = 'doubted';
    clearTimeout(member.idleTimer);
    this.#options.log.warning(`${member.helper.name}: ${failureText(SILENT)}`);
    for (const {state, helper} of this.#members) if (state === 'ready') helper.check();
    this.#startNeeded();
  }

  #over(member: Member, failure: Failure | undefined, wordless: boolean): void {
    const wasStarting = isStarting(member);
    member.state = 'leaving';
    clearTimeout(member.lateTimer);
    clearTimeout(member.idleTimer);
    // all was said when it was doubted, and others were started then
    if (failure === undefined || failure === SILENT) return;
    // those who wait tell it themselves; those whom it served may try another one
    const told = wasStarting && !this.#mayRepeat(wordless) ? this.#failWaiters(failure) : 0;
    if (told === 0) this.#options.log.warning(`${member.helper.name}: ${failureText(failure)}`);
    this.#pause();
  }

  /**
   * Whether those who wait may stay for another start: once, if one has gone well since the last that failed, or if the
   * first of all ended without a word, which is less than a helper that cannot work has to say.
   */
  #mayRepeat(wordless: boolean): boolean {
    const last = this.#lastStart;
    this.#lastStart = 'failed';
    return last === 'well' || (last === 'none' && wordless);
  }

  /** Tells those who wait, but for those whom a start that is still under way will serve. */
  #failWaiters(failure: Failure): number {
    const starting = this.#count(isStarting);
    const covered = this.#options.sharing === 'never' ? starting : starting > 0 ? this.#waiters.length : 0;
    const failed = this.#waiters.splice(covered);
    for (const waiter of failed) waiter.failed(failure);
    return failed.length;
  }

  /** Leaves spares alone for a while; a client's own need is tried at once all the same. */
  #pause(): void {
    if (this.#retry !== undefined || this.#retired) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#startNeeded();
    }, this.#backoff.failed());
  }
}

function isStarting({state}: Member): boolean {
  return state === 'starting' || state === 'late';
}

function isFree({state, helper}: Member): boolean {
  return state === 'ready' && helper.load === 0;
}
