/** A way is what stands between a client and a pipe of Windows: ours in its kinds, and its peers. */
import type {Twin} from '../../twin/twin.ts';
import type {Programs} from '../windows/programs.ts';

/** Where a way leads. */
export type Target = {
  /** As npiperelay has it: `//./pipe/NAME`. */
  pipe: string;
  protocol: 'ssh-agent' | 'raw';
};

/** What the benchmark runs in. */
export type Bed = {
  twin: Twin;
  programs: Programs;
  /** A new path for a socket or a log. */
  file(name: string): string;
};

export type Way = {
  name: string;
  /** The command line, for people. */
  line: string;
  /** Why it cannot be measured here; undefined when it can. */
  missing(): string | undefined;
  start(bed: Bed, target: Target): Promise<Running>;
  /** The most connections that it serves at a time, and why; others wait until one of those has gone. */
  most?: {connections: number; why: string};
  /** Memory that each connection takes at a time, at most, in MiB: so much is not tried on a small machine. */
  mebibytesEach: number;
  /** Connections that are held have the same processes as those of this other way. */
  holdsLike?: string;
  /** The relay is one of ours, which can leave when idle. */
  ours?: {sharing: 'overflow' | 'never' | 'always'};
  /** Each connection has a Windows program of its own, which is started for it or was started as a spare. */
  startsPrograms?: true;
  /** A Windows program asks directly: there is nothing of anybody's between. */
  direct?: true;
};

export type Running = {
  client: Client;
  /** The processes that the way consists of now, both sides; the agent and wineserver are not among them. */
  processes(): number[];
  stop(): Promise<void>;
};

/** Milliseconds of those that went well, and how many did not. */
export type Samples = {samples: number[]; failures: number};

export type Client = {
  /** So many times: connect, ask, have the whole answer, leave. */
  first(count: number): Promise<Samples>;
  /** On one connection that was answered once: ask, have the answer, so many times. */
  second(count: number): Promise<Samples>;
  /** So many connections at the same moment, each leaving when it has its answer; milliseconds until all are done. */
  burst(count: number): Promise<{elapsed: number; failures: number}>;
  /** So many connections more that asked once and stay; gives up when some are not answered. */
  hold(count: number): Promise<{failures: number}>;
  /** Closes those. */
  release(): Promise<void>;
  /** Connections for raw bytes. */
  streams(channels: number): Promise<Streams>;
};

/** `in`: Windows reads, `out`: Windows writes. */
export type Direction = 'in' | 'out' | 'both';

export type Order = {
  direction: Direction;
  /** Bytes in each write, on the side that writes. */
  write: number;
  /** Bytes on each connection, each way. */
  total: number;
};

export type Streams = {
  /** Carries out an order on each connection at once; milliseconds until all are done. */
  exchange(order: Order): Promise<number>;
  close(): Promise<void>;
};

/** How an order is written for the server. */
export const DIRECTION_CODES: Record<Direction, number> = {in: 0, out: 1, both: 2};

/** How long one order, or one answer in a crowd, may take, in milliseconds. */
export const PATIENCE_MS = 60_000;
