import type {CommandModule} from 'yargs';

type Arguments = {endpoints?: string[] | undefined; dryRun?: boolean};

export const uninstallCommand: CommandModule<object, Arguments> = {
  command: 'uninstall [endpoints..]',
  describe: 'take back what install did, and nothing else',
  builder: yargs =>
    yargs
      .positional('endpoints', {
        type: 'string',
        array: true,
        describe: 'endpoints to take away; default: everything',
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'say what would be done, and do nothing',
      })
      .example('$0 uninstall gpg', "ssh stays, and the distribution's gpg-agent is back"),
  handler: async ({endpoints, dryRun = false}) => {
    const [{uninstall}, {printer}] = await Promise.all([
      import('../install/uninstall.ts'),
      import('../install/printer.ts'),
    ]);
    await uninstall(endpoints ?? [], dryRun, printer);
  },
};
