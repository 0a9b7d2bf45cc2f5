import type {CommandModule} from 'yargs';

type Arguments = {json: boolean};

export const endpointsCommand: CommandModule<object, Arguments> = {
  command: 'endpoints',
  describe: 'list the endpoints: where each listens and where its bytes go',
  builder: yargs =>
    yargs
      .option('json', {type: 'boolean', default: false, describe: 'for scripts: a list of objects'})
      .example('$0 endpoints --json', 'the same for scripts'),
  handler: async ({json}) => {
    const {loadConfig} = await import('../config/load.ts');
    const {endpointNames, resolveEndpoints} = await import('../endpoints.ts');
    const config = loadConfig();
    const endpoints = await resolveEndpoints(endpointNames(config), config);
    if (json) {
      process.stdout.write(`${JSON.stringify(endpoints, null, 2)}\n`);
      return;
    }
    const width = Math.max(...endpoints.map(({name}) => name.length));
    for (const {name, about, listen, protocol, targets} of endpoints) {
      process.stdout.write(`${name.padEnd(width)}  ${about}\n`);
      process.stdout.write(`${' '.repeat(width)}  ${listen}  ->  ${targets.join(', ')}  (${protocol})\n`);
    }
  },
};
