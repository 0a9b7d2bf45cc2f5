import type {CommandModule} from 'yargs';
import type {ExitName} from '../../shared/exit-codes.ts';
import type {Status} from '../install/status.ts';

type Arguments = {json: boolean};

const EXITS: Record<Status['state'], ExitName> = {
  ok: 'ok',
  problem: 'failure',
  'not running': 'notRunning',
  'not installed': 'notRunning',
};

export const statusCommand: CommandModule<object, Arguments> = {
  command: 'status',
  describe: 'say whether what was installed works, and what to do where it does not',
  builder: yargs =>
    yargs
      .option('json', {type: 'boolean', default: false, describe: 'for scripts: one object'})
      .example('$0 status', 'exits with 0 when nothing is wrong, 1 for a problem, 3 when nothing runs'),
  handler: async ({json}) => {
    const [{openRecord}, {status}, {statusText}, {exitCode}, {UserError}, {printer}] = await Promise.all([
      import('../install/record.ts'),
      import('../install/status.ts'),
      import('../install/status-text.ts'),
      import('../../shared/exit-codes.ts'),
      import('../errors.ts'),
      import('../install/printer.ts'),
    ]);
    const {record, trouble} = openRecord();
    if (trouble !== undefined) printer.warn({text: trouble, hint: 'wslagent install --now'});
    const now = await status(record, process.env);
    if (now.state === 'not installed' && !json)
      throw new UserError('wslagent is not installed', 'wslagent install --now', 'notRunning');
    process.stdout.write(json ? `${JSON.stringify(now, null, 2)}\n` : statusText(now));
    process.exitCode = exitCode(EXITS[now.state]);
  },
};
