import type {CommandModule} from 'yargs';
import type {AgentReport, ProbeReport} from '../../shared/probe.ts';
import {isTargetError, parseTarget} from '../../shared/target.ts';
import {oneLine} from '../../shared/text.ts';
import {UserError} from '../errors.ts';

type Arguments = {json: boolean; target?: string[] | undefined};

export const probeCommand: CommandModule<object, Arguments> = {
  command: 'probe',
  describe: 'say which agents are there on the Windows side, and which of them answer',
  builder: yargs =>
    yargs
      .option('target', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        describe: 'ask only this target; may be repeated',
      })
      .option('json', {type: 'boolean', default: false, describe: 'for scripts: the whole report'})
      .example('$0 probe', 'look for every agent that is known')
      .example(
        '$0 probe --target pipe:openssh-ssh-agent',
        'look at one; exits with 69 when it does not answer',
      ),
  handler: async ({json, target = []}) => {
    for (const text of target) {
      const parsed = parseTarget(text);
      if (isTargetError(parsed)) throw new UserError(parsed.error, parsed.hint, 'usage');
    }
    const [{findHelper}, {probe}] = await Promise.all([
      import('../helper-command.ts'),
      import('../probe.ts'),
    ]);
    const helper = findHelper();
    const report = await probe(helper, target);
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : text(report));
    const silent = report.agents.filter(({state}) => state !== 'answers');
    if (target.length > 0 && silent.length > 0) process.exitCode = await unavailable();
  },
};

async function unavailable(): Promise<number> {
  const {exitCode} = await import('../../shared/exit-codes.ts');
  return exitCode('unavailable');
}

function text(report: ProbeReport): string {
  const {platform, arch, version, gnupg, pipes, agents} = report;
  const lines = [oneLine(`helper ${version} on ${platform} ${arch}`)];
  lines.push(
    gnupg === null
      ? 'GnuPG for Windows: not found'
      : `GnuPG ${oneLine(`${gnupg.version ?? '(unknown version)'}: ${gnupg.gpgconf}`)}`,
  );
  if (pipes.listed && pipes.agents.length > 0)
    lines.push(`pipes of agents: ${oneLine(pipes.agents.join(', '))}`);
  const width = Math.max(0, ...agents.map(({target}) => target.length));
  for (const agent of agents) lines.push(...agentLines(agent, width));
  return `${lines.join('\n')}\n`;
}

function agentLines({target, state, detail, hint, keys, elapsed}: AgentReport, width: number): string[] {
  const count = keys === undefined ? '' : `, ${keys} ${keys === 1 ? 'key' : 'keys'}`;
  const found = state === 'answers' ? `answers after ${elapsed} ms${count}` : oneLine(detail);
  const line = `${target.padEnd(width)}  ${found}`;
  return hint === undefined || state === 'answers'
    ? [line]
    : [line, `${''.padEnd(width)}  hint: ${oneLine(hint)}`];
}
