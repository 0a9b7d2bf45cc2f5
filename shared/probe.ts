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
  /** This and what follows is looked for only where no target is asked for. */
  pageant: PageantReport;
  /** SSH_AUTH_SOCK in the Windows user's own environment; null when it is not set. */
  sshAuthSock: string | null;
  /** What could not be found out, and why: one sentence each. */
  notes: Note[];
};

export type Note = {text: string; hint?: string};

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
  /** What gpg-agent.conf switches on: enable-ssh-support, enable-putty-support, enable-win32-openssh-support. */
  sshSupport: boolean;
  puttySupport: boolean;
  /** The name of the pipe that the last of them asks for; null without it. */
  opensshPipe: string | null;
};

/** Where a Pageant, or a program in its place, may be. */
export type PageantReport = {
  /** The process that has Pageant's window; null when there is no such window, or nobody can be asked. */
  window: ProcessReport | null;
  /** Files of `pageant --openssh-config` where people put them, and the pipe each names; null: Pageant has ended. */
  configFiles: {path: string; pipe: string | null}[];
};

/** The process behind a pipe or a window, as far as Windows tells. */
export type ProcessReport = {
  pid: number;
  /** Full path of its program; null for another user's, as the service of OpenSSH's agent is. */
  program: string | null;
  /** What people call it, such as "1Password"; the program's file name when it is not known. */
  product: string | null;
  /** `DOMAIN\user` that owns the pipe; null for a window. */
  owner: string | null;
};

/**
 * How an agent was found: it was asked for, its name is well known, its pipe was in the list of pipes, as Pageant is
 * found, by gpgconf, in gpg-agent.conf, in the Windows user's SSH_AUTH_SOCK, in KeeAgent's options, in a file of
 * `pageant --openssh-config`.
 */
export type FoundBy =
  | 'asked'
  | 'well known'
  | 'pipe list'
  | 'pageant'
  | 'gpgconf'
  | 'gpg-agent.conf'
  | 'SSH_AUTH_SOCK'
  | 'KeeAgent'
  | 'openssh-config';

/** Who answers at a target, found by connecting to it, asking nothing that needs a person, and leaving. */
export type AgentReport = {
  target: string;
  protocol: EndpointProtocol;
  foundBy: FoundBy;
  /** `answers`, `silent` (accepts and says nothing in time), or why it cannot be reached. */
  state: 'answers' | 'silent' | FailureReason;
  /** What answered, or what is wrong: one sentence. */
  detail: string;
  hint?: string;
  /** How many keys an ssh agent lists. */
  keys?: number;
  /** Who serves it; only for pipes and windows. */
  server?: ProcessReport;
  /** How long that took, in milliseconds. */
  elapsed: number;
};
