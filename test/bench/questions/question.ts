/** What a question needs, and what it gives. */
import type {Plan} from '../plan.ts';
import type {Result, Server} from '../report/schema.ts';
import type {Bed, Running, Target, Way} from '../ways/way.ts';

export type Contestant = {way: Way; running: Running};

export type Round = {
  bed: Bed;
  plan: Plan;
  server: Server;
  target: Target;
  /** All ways of this run, started, warm. */
  contestants: readonly Contestant[];
  /** Takes one result. */
  add(result: Result): void;
  /** Says what is not measured, and why. */
  leaveOut(what: string, why: string): void;
  /** A line of progress. */
  say(line: string): void;
};

export type Ask = (round: Round) => Promise<void>;
