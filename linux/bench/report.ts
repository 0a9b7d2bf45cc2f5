import type {Memory} from './memory.ts';
import type {Summary} from './summary.ts';

/** What `wslagent bench --json` prints. Scripts rely on it: fields are added, none change their meaning. */
export type BenchReport = {version: string; sockets: SocketReport[]};

/** The answers of one socket. Times are milliseconds. */
export type SocketReport = {
  /** Null for a socket that was given by its path. */
  endpoint: string | null;
  socket: string;
  /** How many the agent lists; one that is locked may list none. */
  keys: number;
  /** From connect to answer of the very first connection, for which a relay and a helper may have been started. */
  first: number;
  /** A further request on an open connection. */
  second: Timed;
  /** From connect to answer, one connection after another. */
  warm: Timed;
  throughput: Throughput[];
  bursts: Burst[];
  /** Of who listens, when nothing is held; null where it cannot be told. */
  memory: Memory | null;
  held: Held[];
  /** All that was asked, and how much of it was not answered, and why. */
  requests: number;
  failures: number;
  reasons: string[];
  /** What was not measured, and why. */
  leftOut: string[];
};

/** Many of the same, one after another; `ms` is null when none was answered. */
export type Timed = {failures: number; ms: Summary | null};

/** Requests on so many connections at the same time, each with its next one as soon as it is answered. */
export type Throughput = {connections: number; requests: number; failures: number; perSecond: number};

/** Connections that begin at the same moment; `ms` is until the last answer, of the rounds in which all were answered. */
export type Burst = {connections: number; rounds: number; failures: number; ms: Summary | null};

/** Connections that were answered once and stay open, and new ones beside them. */
export type Held = {connections: number; failures: number; fresh: Timed; memory: Memory | null};
