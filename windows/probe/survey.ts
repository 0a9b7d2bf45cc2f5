import {asFailure} from '../../shared/failure.ts';
import type {AgentReport, GnupgReport, Note, PageantReport, PipeList} from '../../shared/probe.ts';
import {probeTarget} from './ask.ts';
import {gnupgLeads, type Lead, leads} from './find.ts';
import {probeGnupg} from './gnupg.ts';
import {keeAgentSockets} from './keeagent.ts';
import {pageantFiles} from './pageant-files.ts';
import {listPipes} from './pipes.ts';
import {userVariable} from './registry.ts';
import {targetOf} from './socket-kind.ts';
import {within} from './within.ts';

/** How long GnuPG's own programs may take altogether, in milliseconds. */
const GNUPG_MS = 4000;

/** How long everything together may take, in milliseconds; every answer has 2 s of its own at most. */
const WHOLE_MS = 6000;

/** What is there besides the agents, and where they may be. */
export type Survey = {
  pipes: PipeList;
  gnupg: GnupgReport | null;
  pageant: PageantReport;
  sshAuthSock: string | null;
  notes: Note[];
  agents: AgentReport[];
};

/** Asks those who are asked for, and looks for GnuPG. Never rejects. */
export async function surveyOf(asked: readonly Lead[]): Promise<Survey> {
  const notes: Note[] = [];
  const [agents, gnupg] = await Promise.all([askAll(asked, WHOLE_MS), lookAtGnupg(notes)]);
  return {
    pipes: listPipes(),
    gnupg,
    pageant: {window: null, configFiles: []},
    sshAuthSock: null,
    notes,
    agents,
  };
}

/**
 * Looks around on Windows, starting nothing, and asks the agents that were found. Every part has a bound, and one that
 * fails is a note. Never rejects.
 */
export async function survey(): Promise<Survey> {
  const notes: Note[] = [];
  const deadline = performance.now() + WHOLE_MS;
  const left = () => deadline - performance.now();
  const gnupg = lookAtGnupg(notes);
  const gnupgAgents = gnupg.then(report => (report === null ? [] : askAll(gnupgLeads(report), left())));
  const pipes = listPipes();
  const [window, configFiles, variable, keeAgent] = await Promise.all([
    lookAtWindow(notes),
    pageantFiles(process.env.USERPROFILE),
    process.platform === 'win32' ? userVariable('SSH_AUTH_SOCK') : undefined,
    keeAgentTargets(),
  ]);
  const pageant = {window, configFiles};
  const sshAuthSock = variable === undefined ? undefined : await targetOf(variable);
  if (variable !== undefined && sshAuthSock === undefined)
    notes.push({
      text: `SSH_AUTH_SOCK of Windows names ${variable}, which is no Windows path: only programs of Cygwin or MSYS2 can follow it`,
    });
  const sight = {platform: process.platform, pipes: pipes.agents ?? [], pageant, sshAuthSock, keeAgent};
  const agents = [...(await askAll(leads(sight), left())), ...(await gnupgAgents)];
  return {
    pipes,
    gnupg: await gnupg,
    pageant,
    sshAuthSock: variable ?? null,
    notes,
    agents: agents.filter(worthTelling).map(agent => withWindow(agent, window)),
  };
}

function askAll(found: readonly Lead[], milliseconds: number): Promise<AgentReport[]> {
  const deadline = performance.now() + milliseconds;
  return Promise.all(found.map(lead => probeTarget(lead, deadline)));
}

/** The missing file is one fact, told in a note. */
function worthTelling({state}: AgentReport): boolean {
  return state !== 'helperIncomplete';
}

/** A window's process was found with it. */
function withWindow(agent: AgentReport, window: PageantReport['window']): AgentReport {
  return agent.target === 'pageant:window' && window !== null ? {...agent, server: window} : agent;
}

async function lookAtGnupg(notes: Note[]): Promise<GnupgReport | null> {
  try {
    const report = await within(GNUPG_MS, probeGnupg(), undefined);
    if (report !== undefined) return report;
    notes.push({
      text: `GnuPG's gpgconf did not answer within ${GNUPG_MS / 1000} s`,
      hint: 'gpgconf.exe --list-dirs',
    });
  } catch (error) {
    notes.push({text: `GnuPG cannot be looked for: ${asFailure(error).message}`});
  }
  return null;
}

/** The first to call Windows, so the one who notices that it cannot be called. */
async function lookAtWindow(notes: Note[]): Promise<PageantReport['window']> {
  if (process.platform !== 'win32') return null;
  try {
    const {pageantWindow} = await import('./pageant-window.ts');
    return await pageantWindow();
  } catch (error) {
    const {message, hint} = asFailure(error);
    notes.push(hint === undefined ? {text: message} : {text: message, hint});
    return null;
  }
}

async function keeAgentTargets(): Promise<string[]> {
  const targets = await Promise.all((await keeAgentSockets(process.env.APPDATA)).map(targetOf));
  return targets.filter(target => target !== undefined);
}
