import test from 'ava';
import {choose, type LinuxFacts} from '../../../linux/install/choice.ts';
import {choiceLines} from '../../../linux/install/choice-text.ts';
import type {AgentReport, GnupgReport, ProbeReport} from '../../../shared/probe.ts';
import {EMPTY_REPORT} from '../empty-report.ts';

const ssh = (target: string, keys: number | undefined, rest: Partial<AgentReport> = {}): AgentReport => ({
  target,
  protocol: 'ssh-agent',
  foundBy: 'well known',
  state: 'answers',
  detail: target.replace('pipe:', '//./pipe/'),
  elapsed: 3,
  ...(keys === undefined ? {} : {keys}),
  ...rest,
});
const by = (product: string) => ({server: {pid: 7, program: `C:\\${product}.exe`, product, owner: null}});
const openssh = (keys: number | undefined, product = 'OpenSSH agent', rest: Partial<AgentReport> = {}) =>
  ssh('pipe:openssh-ssh-agent', keys, {...by(product), ...rest});
const pageant = (keys: number, rest: Partial<AgentReport> = {}) =>
  ssh('pageant:pipe', keys, {
    ...by('Pageant'),
    detail: '//./pipe/pageant.Ada.00',
    foundBy: 'pageant',
    ...rest,
  });
const pageantWindow = (keys: number, product: string) =>
  ssh('pageant:window', keys, {...by(product), foundBy: 'pageant'});
const absent = (target: string): AgentReport => ssh(target, undefined, {state: 'absent', detail: 'no'});
const gpgSsh = (keys: number) => ssh('gpg:agent-ssh-socket', keys, {foundBy: 'gpgconf'});
const gpgAgent: AgentReport = {...ssh('gpg:agent-socket', undefined), protocol: 'assuan', foundBy: 'gpgconf'};

const there = (exists: boolean) => ({path: 'C:\\S', exists});
const gnupg = (running: boolean, rest: Partial<GnupgReport> = {}): GnupgReport => ({
  gpgconf: 'C:\\gpgconf.exe',
  version: '2.4.9',
  homedir: 'C:\\gnupg',
  sockets: {
    'agent-socket': there(running),
    'agent-ssh-socket': there(running),
    'agent-extra-socket': there(running),
    'agent-browser-socket': there(running),
    'scdaemon-socket': there(running),
    'dirmngr-socket': there(false),
  },
  sshSupport: false,
  puttySupport: false,
  opensshPipe: null,
  ...rest,
});

const report = (agents: AgentReport[], gnupg: GnupgReport | null = null): ProbeReport => ({
  ...EMPTY_REPORT,
  gnupg,
  agents,
});

type Row = {
  what: string;
  agents: AgentReport[];
  gnupg?: GnupgReport;
  linux?: Partial<LinuxFacts>;
  /** What is shown, line by line. */
  lines: string[];
  targets: Record<string, string[]>;
  notes?: RegExp[];
};

const rows: Row[] = [
  {
    what: 'nothing',
    agents: [absent('pipe:openssh-ssh-agent'), absent('pageant:pipe')],
    lines: [],
    targets: {},
  },
  {
    what: 'one agent alone',
    agents: [openssh(3, '1Password'), absent('pageant:pipe')],
    lines: ['ssh  <- 1Password on //./pipe/openssh-ssh-agent (answers, 3 keys)'],
    targets: {ssh: ['pipe:openssh-ssh-agent']},
  },
  {
    what: 'two agents with keys: the well-known pipe comes first',
    agents: [pageant(1), openssh(2)],
    lines: [
      'ssh  <- OpenSSH agent on //./pipe/openssh-ssh-agent (answers, 2 keys)',
      '        then Pageant on //./pipe/pageant.Ada.00 (answers, 1 key)',
    ],
    targets: {ssh: ['pipe:openssh-ssh-agent', 'pageant']},
  },
  {
    what: 'an agent without keys comes after one with keys, a locked one between them',
    agents: [openssh(0), ssh('cygwin:C:\\s', undefined), pageant(1)],
    lines: [
      'ssh  <- Pageant on //./pipe/pageant.Ada.00 (answers, 1 key)',
      '        then an agent on cygwin:C:\\s (answers and lists no keys: locked?)',
      '        then OpenSSH agent on //./pipe/openssh-ssh-agent (answers, 0 keys)',
    ],
    targets: {ssh: ['pageant', 'cygwin:C:\\s', 'pipe:openssh-ssh-agent']},
  },
  {
    what: 'an agent that is there and says nothing comes last',
    agents: [
      openssh(undefined, 'Bitwarden', {state: 'silent', detail: 'did not answer within 2 s'}),
      pageant(0),
    ],
    lines: [
      'ssh  <- Pageant on //./pipe/pageant.Ada.00 (answers, 0 keys)',
      '        then Bitwarden on //./pipe/openssh-ssh-agent (did not answer within 2 s)',
    ],
    targets: {ssh: ['pageant', 'pipe:openssh-ssh-agent']},
  },
  {
    what: 'what cannot be used is not taken, and named when a person has to know',
    agents: [
      openssh(undefined, 'x', {state: 'untrusted', detail: 'it belongs to Eve', hint: 'look at it'}),
      ssh('unix:C:\\s', undefined, {state: 'refused'}),
      ssh('pageant:pipe', undefined, {state: 'denied', detail: 'windows denied access'}),
    ],
    lines: [],
    targets: {},
    notes: [/^not used: it belongs to Eve look at it$/, /^not used: windows denied access/],
  },
  {
    what: 'sockets that a gpg-agent left behind',
    agents: [
      {...gpgAgent, state: 'refused'},
      {...gpgSsh(0), state: 'refused'},
    ],
    gnupg: gnupg(true, {sshSupport: true}),
    lines: [
      'ssh  <- gpg-agent of GnuPG 2.4.9 (not running now; started when it is needed)',
      'gpg  <- gpg-agent of GnuPG 2.4.9 (not running now; started when it is needed)',
    ],
    targets: {ssh: ['gpg:agent-ssh-socket'], gpg: ['gpg:agent-socket']},
  },
  {
    what: 'a Pageant that is found in several ways is one',
    agents: [
      pageant(2),
      pageantWindow(2, 'Pageant'),
      ssh('pipe:pageant.Ada.00', 2, {foundBy: 'pipe list'}),
      ssh('pageant:C:\\pageant.conf', 2, {foundBy: 'openssh-config'}),
    ],
    lines: ['ssh  <- Pageant on //./pipe/pageant.Ada.00 (answers, 2 keys)'],
    targets: {ssh: ['pageant']},
  },
  {
    what: 'KeeAgent in Pageant’s place',
    agents: [absent('pipe:openssh-ssh-agent'), absent('pageant:pipe'), pageantWindow(4, 'KeeAgent')],
    lines: ["ssh  <- KeeAgent's window (answers, 4 keys)"],
    targets: {ssh: ['pageant']},
  },
  {
    what: 'gpg-agent has the pipe: its own socket is better, and named',
    agents: [openssh(2, 'gpg-agent'), gpgAgent, gpgSsh(2)],
    gnupg: gnupg(true, {opensshPipe: 'openssh-ssh-agent'}),
    lines: [
      'ssh  <- gpg-agent of GnuPG 2.4.9 (answers, 2 keys)',
      'gpg  <- gpg-agent of GnuPG 2.4.9 (answers)',
    ],
    targets: {ssh: ['gpg:agent-ssh-socket'], gpg: ['gpg:agent-socket']},
    notes: [/gpg-agent's own socket is used in place of pipe:openssh-ssh-agent/],
  },
  {
    what: 'gpg-agent in Pageant’s place beside another agent',
    agents: [openssh(1), pageantWindow(2, 'gpg-agent'), gpgAgent, gpgSsh(2)],
    gnupg: gnupg(true, {puttySupport: true}),
    lines: [
      'ssh  <- OpenSSH agent on //./pipe/openssh-ssh-agent (answers, 1 key)',
      '        then gpg-agent of GnuPG 2.4.9 (answers, 2 keys)',
      'gpg  <- gpg-agent of GnuPG 2.4.9 (answers)',
    ],
    targets: {ssh: ['pipe:openssh-ssh-agent', 'gpg:agent-ssh-socket'], gpg: ['gpg:agent-socket']},
  },
  {
    what: 'the pipe that gpg-agent.conf names is busy: it is gpg-agent’s all the same',
    agents: [
      ssh('pipe:openssh-ssh-agent', undefined, {state: 'busy', detail: 'stayed busy'}),
      gpgAgent,
      gpgSsh(2),
    ],
    gnupg: gnupg(true, {opensshPipe: 'openssh-ssh-agent'}),
    lines: [
      'ssh  <- gpg-agent of GnuPG 2.4.9 (answers, 2 keys)',
      'gpg  <- gpg-agent of GnuPG 2.4.9 (answers)',
    ],
    targets: {ssh: ['gpg:agent-ssh-socket'], gpg: ['gpg:agent-socket']},
    notes: [/gpg-agent's own socket is used/],
  },
  {
    what: 'a busy pipe of somebody else',
    agents: [ssh('pipe:openssh-ssh-agent', undefined, {state: 'busy', detail: 'stayed busy'}), gpgAgent],
    gnupg: gnupg(true),
    lines: [
      'ssh  <- an agent on //./pipe/openssh-ssh-agent (stayed busy)',
      'gpg  <- gpg-agent of GnuPG 2.4.9 (answers)',
    ],
    targets: {ssh: ['pipe:openssh-ssh-agent'], gpg: ['gpg:agent-socket']},
  },
  {
    what: 'a gpg-agent whose gpgconf is not found keeps its pipe',
    agents: [openssh(2, 'gpg-agent')],
    lines: ['ssh  <- gpg-agent on //./pipe/openssh-ssh-agent (answers, 2 keys)'],
    targets: {ssh: ['pipe:openssh-ssh-agent']},
  },
  {
    what: 'the ssh socket that every gpg-agent has is nothing when nobody uses it',
    agents: [gpgAgent, gpgSsh(0)],
    gnupg: gnupg(true),
    lines: ['gpg  <- gpg-agent of GnuPG 2.4.9 (answers)'],
    targets: {gpg: ['gpg:agent-socket']},
  },
  {
    what: 'a gpg-agent that is to serve ssh and does not run',
    agents: [openssh(0)],
    gnupg: gnupg(false, {sshSupport: true}),
    lines: [
      'ssh  <- OpenSSH agent on //./pipe/openssh-ssh-agent (answers, 0 keys)',
      '        then gpg-agent of GnuPG 2.4.9 (not running now; started when it is needed)',
      'gpg  <- gpg-agent of GnuPG 2.4.9 (not running now; started when it is needed)',
    ],
    targets: {ssh: ['pipe:openssh-ssh-agent', 'gpg:agent-ssh-socket'], gpg: ['gpg:agent-socket']},
  },
  {
    what: 'no gpg on the Linux side',
    agents: [openssh(1)],
    gnupg: gnupg(false),
    linux: {gpg: 'absent'},
    lines: ['ssh  <- OpenSSH agent on //./pipe/openssh-ssh-agent (answers, 1 key)'],
    targets: {ssh: ['pipe:openssh-ssh-agent']},
    notes: [/gpg is left out: the Linux side has no gpg/],
  },
  {
    what: 'secret keys on the Linux side stay in use',
    agents: [gpgAgent],
    gnupg: gnupg(true),
    linux: {gpg: 'own keys'},
    lines: [],
    targets: {},
    notes: [/gpg is left out: the Linux side has secret keys of its own/],
  },
  {
    what: 'the configuration file counts for more, and what else is there is told',
    agents: [openssh(1), pageant(1)],
    linux: {configured: {ssh: ['pageant']}},
    lines: ['ssh  <- pageant (as the configuration file says)'],
    targets: {ssh: ['pageant']},
    notes: [/found as well for ssh: OpenSSH agent on .*targets = \["pageant", "pipe:openssh-ssh-agent"\]/],
  },
  {
    what: 'what the configuration file names is installed though nobody was found',
    agents: [],
    linux: {configured: {ssh: ['pipe:mine']}},
    lines: ['ssh  <- pipe:mine (as the configuration file says)'],
    targets: {ssh: ['pipe:mine']},
  },
];

for (const {what, agents, gnupg: found, linux, lines, targets, notes = []} of rows)
  test(what, t => {
    const choice = choose(report(agents, found ?? null), {configured: {}, gpg: 'present', ...linux});
    t.deepEqual(choiceLines(choice), lines);
    t.deepEqual(
      Object.fromEntries(
        choice.endpoints.map(({name, targets}) => [name, targets.map(({target}) => target)]),
      ),
      targets,
    );
    t.is(choice.notes.length, notes.length);
    for (const [index, note] of notes.entries()) {
      const {text = '', hint = ''} = choice.notes[index] ?? {};
      t.regex(`${text} ${hint}`, note);
    }
  });
