import type {CommandModule} from 'yargs';
import type {ListedEndpoint} from '../endpoints.ts';

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
    const {endpointNames, listEndpoint} = await import('../endpoints.ts');
    const config = await loadConfig();
    const {recordTrouble} = config;
    if (recordTrouble !== undefined) {
      const {printer} = await import('../install/printer.ts');
      printer.warn({text: recordTrouble, hint: 'wslagent install --now'});
    }
    const listed = await Promise.all(endpointNames(config).map(name => listEndpoint(name, config)));
    process.stdout.write(json ? `${JSON.stringify(listed, null, 2)}\n` : text(listed));
  },
};

function text(listed: ListedEndpoint[]): string {
  const width = Math.max(...listed.map(({name}) => name.length));
  return listed
    .map(({name, about, listen, obstacle, protocol, targets}) => {
      const place = listen ?? `nowhere: ${obstacle}`;
      return `${name.padEnd(width)}  ${about}\n${''.padEnd(width)}  ${place}  ->  ${targets.join(', ')}  (${protocol})\n`;
    })
    .join('');
}
