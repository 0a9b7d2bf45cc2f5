import type {EndpointProtocol} from './endpoint.ts';
import type {FailureReason} from './failure.ts';
import type {GnupgSocket} from './target.ts';

/** What `wslagent-helper probe` prints on stdout, as one JSON object. Fields may be added; none changes its meaning. */
export type ProbeReport = {
  /** The helper's version, and the number of its relay protocol. */
  version: string;
  protocol: number;
  platform: string;
  arch: string;
  node: string;
  /** %LOCALAPPDATA% and %USERNAME%; null where there are none. */
  localAppData: string | null;
  userName: string | null;
  pipes: PipeList;
  gnupg: GnupgReport | null;
  agents: AgentReport[];
};

/** The named pipes that agents use, by name; null where pipes cannot be listed (Wine). */
export type PipeList = {listed: true; agents: string[]} | {listed: false; agents: null};

export type GnupgReport = {
  /** Full path of gpgconf.exe. */
  gpgconf: string;
  /** GnuPG's version; null when gpgconf does not say. */
  version: string | null;
  homedir: string | null;
  /** Every socket that gpgconf names, and those that it should have named. */
  sockets: Record<GnupgSocket, {path: string; exists: boolean}>;
};

/** Who answers at a target, found by connecting to it, asking nothing that needs a person, and leaving. */
export type AgentReport = {
  target: string;
  protocol: EndpointProtocol;
  /** `answers`, `silent` (accepts and says nothing in time), or why it cannot be reached. */
  state: 'answers' | 'silent' | FailureReason;
  /** What answered, or what is wrong: one sentence. */
  detail: string;
  hint?: string;
  /** How many keys an ssh agent lists. */
  keys?: number;
  /** How long that took, in milliseconds. */
  elapsed: number;
};
