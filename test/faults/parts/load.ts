/** Clients that ask without a pause, and what became of each of their requests. */
import {setTimeout as sleep} from 'node:timers/promises';
import {Random} from '../fuzz/random.ts';
import {Caller, type End} from './caller.ts';
import {LIST, LIST_REQUEST, signature, signRequest} from './requests.ts';

export type Kind = 'list' | 'sign' | 'connect';

/** A request that was not answered. `round` is how often `strike` was called before it ended. */
export type Miss = {client: number; round: number; kind: Kind; end: End; id: number; after: number};

export type LoadOptions = {
  socket: string;
  clients: number;
  /** Requests on one connection, half of them lists; then the client comes again. */
  each: number;
  /** An agent thinks up to so long about a request to sign, in milliseconds. */
  thinks: number;
  /** How long a request may take, in milliseconds. */
  patience: number;
  seed: number;
};

/** After a connection that was refused, in milliseconds: nobody comes again at once. */
const AGAIN_MS = 20;

const LOOK_MS = 5;

let ids = 0;

export class Load {
  readonly misses: Miss[] = [];
  readonly asked: Record<Kind, number> = {list: 0, sign: 0, connect: 0};
  /** The longest from a strike until a client had an answer to what it asked afterwards, in milliseconds. */
  longestPause = 0;
  readonly #options: LoadOptions;
  readonly #clients: Promise<void>[];
  #round = 0;
  #struck = performance.now();
  /** Those who were not answered since. */
  readonly #unserved = new Set<number>();
  #stopped = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#await();
    this.#clients = Array.from({length: options.clients}, (_, client) => this.#live(client));
  }

  /** The fault happens now. */
  strike(): void {
    this.#round++;
    this.#await();
  }

  #await(): void {
    this.#struck = performance.now();
    for (let client = 0; client < this.#options.clients; client++) this.#unserved.add(client);
  }

  /** Waits until everybody was answered since the last strike, or the start; gives whether that was within their patience. */
  async recovered(): Promise<boolean> {
    const end = performance.now() + this.#options.patience;
    while (this.#unserved.size > 0 && performance.now() < end) await sleep(LOOK_MS);
    return this.#unserved.size === 0;
  }

  /** Everybody finishes what they ask, and leaves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  get requests(): number {
    return this.asked.list + this.asked.sign;
  }

  async #live(client: number): Promise<void> {
    const random = new Random(this.#options.seed + client);
    while (!this.#stopped) {
      const caller = await Caller.to(this.#options.socket);
      this.asked.connect++;
      if (caller === undefined) {
        this.#miss({client, kind: 'connect', end: 'closed', id: 0, after: 0});
        await sleep(AGAIN_MS);
        continue;
      }
      await this.#ask(caller, client, random);
      caller.close();
    }
  }

  async #ask(caller: Caller, client: number, random: Random): Promise<void> {
    const {each, thinks, patience} = this.#options;
    for (let count = 0; count < each && !this.#stopped; count++) {
      const kind = random.once(2) ? 'list' : 'sign';
      const id = ++ids;
      const sent = performance.now();
      this.asked[kind]++;
      const end =
        kind === 'list'
          ? await caller.ask(LIST_REQUEST, LIST, patience)
          : await caller.ask(signRequest(id, random.below(thinks + 1)), signature(id), patience);
      if (end !== 'answered') {
        this.#miss({client, kind, end, id, after: performance.now() - sent});
        return;
      }
      if (sent > this.#struck && this.#unserved.delete(client) && this.#round > 0)
        this.longestPause = Math.max(this.longestPause, performance.now() - this.#struck);
    }
  }

  #miss(miss: Omit<Miss, 'round'>): void {
    this.misses.push({...miss, round: this.#round});
  }
}

/** A few words for a finding. */
export function missText({client, round, kind, end, id, after}: Miss): string {
  return `round ${round}, client ${client}: ${kind} ${id} ${end} after ${Math.round(after)} ms`;
}
