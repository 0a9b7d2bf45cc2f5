import type {CommandModule} from 'yargs';
import {isTargetError, parseTarget} from '../../shared/target.ts';
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
    const [{findHelper}, {probe}, {probeText}, {withProgress}] = await Promise.all([
      import('../helper-command.ts'),
      import('../probe.ts'),
      import('../probe-text.ts'),
      import('../progress.ts'),
    ]);
    const report = await withProgress('asking Windows', probe(await findHelper(), target));
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : probeText(report));
    const silent = report.agents.filter(({state}) => state !== 'answers');
    if (target.length > 0 && silent.length > 0) process.exitCode = await unavailable();
  },
};

async function unavailable(): Promise<number> {
  const {exitCode} = await import('../../shared/exit-codes.ts');
  return exitCode('unavailable');
}
