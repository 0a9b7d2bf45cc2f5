import type {AgentReport, FoundBy, GnupgReport, ProbeReport, ProcessReport} from '../shared/probe.ts';
import {linesOf, oneLine} from '../shared/text.ts';

/** A name and what there is to say of it, in lines. */
type Row = [name: string, ...lines: string[]];

const LINE_MAX = 1000;

/** Where those were found that have no name of their own. */
const PLACES: Partial<Record<FoundBy, string>> = {
  'gpg-agent.conf': 'gpg-agent.conf names it',
  SSH_AUTH_SOCK: 'SSH_AUTH_SOCK of Windows names it',
  KeeAgent: "KeeAgent's options name it",
  'openssh-config': 'a file of pageant --openssh-config names it',
};

/** A report for people: each agent by the target that reaches it, then what else is there. */
export function probeText(report: ProbeReport): string {
  const {platform, arch, version, agents, gnupg, pipes, sshAuthSock, notes} = report;
  const rows: Row[] = [
    ['helper', `${version} on ${platform} ${arch}`],
    ...agents.map((agent): Row => [agent.target, ...agentLines(agent)]),
    ['GnuPG', ...(gnupg === null ? ['not found on Windows'] : gnupgLines(gnupg))],
    ...pageantRows(report),
  ];
  if (sshAuthSock !== null) rows.push(['SSH_AUTH_SOCK', `of Windows: ${sshAuthSock}`]);
  if (pipes.listed && pipes.agents.length > 0) rows.push(['pipes', `of agents: ${pipes.agents.join(', ')}`]);
  for (const {text, hint} of notes) rows.push(['note', text, ...hintRows(hint)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.flatMap(([name, ...texts]) =>
    texts.map((text, index) => `${(index === 0 ? name : '').padEnd(width)}  ${oneLine(text, LINE_MAX)}`),
  );
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`;
}

function agentLines({state, detail, hint, keys, elapsed, server, foundBy, target}: AgentReport): string[] {
  const who = server?.product ? `${server.product}: ` : '';
  // the target itself says where most of them are
  const where = /^(pipe|gpg):/.test(target) ? '' : ` on ${detail}`;
  const count = keys === undefined ? '' : `, ${keys} ${keys === 1 ? 'key' : 'keys'}`;
  const lines = [`${who}${state === 'answers' ? `answers${where} after ${elapsed} ms${count}` : detail}`];
  if (server !== undefined) lines.push(processText(server));
  const place = PLACES[foundBy];
  if (place !== undefined) lines.push(place);
  if (state !== 'answers') lines.push(...hintRows(hint));
  return lines;
}

function hintRows(hint = ''): string[] {
  return linesOf(hint).map(line => `hint: ${line}`);
}

function processText({pid, program, owner}: ProcessReport): string {
  const name = program ?? 'a program that Windows does not name';
  return `${name}, pid ${pid}${owner === null ? '' : `, pipe of ${owner}`}`;
}

function gnupgLines({
  version,
  gpgconf,
  homedir,
  sshSupport,
  puttySupport,
  opensshPipe,
}: GnupgReport): string[] {
  const switches = [
    ...(sshSupport ? ['enable-ssh-support'] : []),
    ...(puttySupport ? ['enable-putty-support'] : []),
    ...(opensshPipe === null ? [] : [`enable-win32-openssh-support (pipe ${opensshPipe})`]),
  ];
  return [
    `${version ?? '(unknown version)'}: ${gpgconf}`,
    ...(homedir === null ? [] : [`home: ${homedir}`]),
    `gpg-agent.conf: ${switches.length === 0 ? 'nothing for ssh' : switches.join(', ')}`,
  ];
}

/** Who has the window is said where it was asked. */
function pageantRows({pageant: {configFiles}}: ProbeReport): Row[] {
  return configFiles.map(({path, pipe}): Row => {
    const content = pipe === null ? 'empty, as Pageant leaves it when it ends' : `names //./pipe/${pipe}`;
    return ['Pageant', `${path}: ${content}`];
  });
}
