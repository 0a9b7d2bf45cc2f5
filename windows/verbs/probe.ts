import {exitCode} from '../../shared/exit-codes.ts';
import type {AgentReport, GnupgReport, ProbeReport} from '../../shared/probe.ts';
import {PROTOCOL_VERSION} from '../../shared/protocol/greeting.ts';
import {VERSION} from '../../shared/version.ts';
import {probeTarget} from '../probe/ask.ts';
import {probeGnupg} from '../probe/gnupg.ts';
import {listPipes} from '../probe/pipes.ts';
import {print} from '../stdio/print.ts';
import {parseTargetOptions} from './options.ts';

/** How long GnuPG's own programs may take altogether, in milliseconds; the probes after it have 2 s of their own. */
const GNUPG_MS = 6000;

/** Prints what is there as JSON (shared/probe.ts). Resolves with the exit code. Throws UsageError. */
export async function probe(args: readonly string[]): Promise<number> {
  const {targets, protocol} = parseTargetOptions(args);
  const pipes = listPipes();
  const gnupg = within(GNUPG_MS, probeGnupg(), null);
  const agents =
    targets.length > 0
      ? Promise.all(targets.map(target => probeTarget(target, protocol)))
      : probeAll(pipes.agents ?? [], gnupg);
  const report: ProbeReport = {
    version: VERSION,
    protocol: PROTOCOL_VERSION,
    platform: process.platform,
    arch: process.arch,
    node: process.version,
    localAppData: process.env.LOCALAPPDATA ?? null,
    userName: process.env.USERNAME ?? null,
    pipes,
    gnupg: await gnupg,
    agents: await agents,
  };
  await print(`${JSON.stringify(report, undefined, 2)}\n`);
  return exitCode('ok');
}

/** The well-known pipe, every Pageant, and the sockets that GnuPG has. */
async function probeAll(
  pipes: readonly string[],
  gnupg: Promise<GnupgReport | null>,
): Promise<AgentReport[]> {
  const names = ['openssh-ssh-agent', ...pipes.filter(name => name.startsWith('pageant.'))];
  const reports = names.map(name => probeTarget(`pipe:${name}`, 'ssh-agent'));
  for (const [name, socket] of Object.entries((await gnupg)?.sockets ?? {})) {
    if (!socket.exists) continue;
    reports.push(probeTarget(`gpg:${name}`, name === 'agent-ssh-socket' ? 'ssh-agent' : 'assuan'));
  }
  return await Promise.all(reports);
}

async function within<T>(milliseconds: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>(resolve => {
    timer = setTimeout(() => resolve(otherwise), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
