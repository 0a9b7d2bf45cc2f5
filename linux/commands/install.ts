import type {CommandModule} from 'yargs';
import type {Mode} from '../install/record.ts';

type Arguments = {
  endpoints?: string[] | undefined;
  now: boolean;
  yes: boolean;
  dryRun?: boolean;
  force: boolean;
  mode?: Mode | undefined;
};

export const installCommand: CommandModule<object, Arguments> = {
  command: 'install [endpoints..]',
  describe: 'put the helper on the Windows side and sockets under systemd; say each change',
  builder: yargs =>
    yargs
      .positional('endpoints', {
        type: 'string',
        array: true,
        describe: 'endpoints to add; default: what is installed, else what is found on Windows',
      })
      .option('now', {type: 'boolean', default: false, describe: 'start listening at once'})
      .option('yes', {
        alias: 'y',
        type: 'boolean',
        default: false,
        describe: 'install what is found on Windows without asking',
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'say what would be done, and do nothing',
      })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'write over files that are not from wslagent, or were changed',
      })
      .option('mode', {
        choices: ['daemon', 'direct'] as const,
        describe: 'daemon: one relay for all; direct: systemd starts the helper for each connection',
      })
      .example('$0 install --now', 'see which agents are there, and use them from now on')
      .example('$0 install ssh gpg --now', 'these two, whatever is there')
      .example('$0 install --dry-run', 'see first what it would do'),
  handler: async ({endpoints = [], now, yes, dryRun = false, force, mode}) => {
    const [{loadConfig}, {install}, {personAt}, {printer}, {exitCode}] = await Promise.all([
      import('../config/load.ts'),
      import('../install/install.ts'),
      import('../install/confirm.ts'),
      import('../install/printer.ts'),
      import('../../shared/exit-codes.ts'),
    ]);
    const options = {names: endpoints, now, yes, dryRun, force, mode};
    const done = await install(options, await loadConfig(), printer, personAt(process));
    if (!done) process.exitCode = exitCode('failure');
  },
};
