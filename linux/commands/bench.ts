import type {CommandModule} from 'yargs';
import {UserError} from '../errors.ts';

type Arguments = {
  endpoint?: string | undefined;
  socket?: string[] | undefined;
  seconds: number;
  json: boolean;
};

/** More would not fit beside each other. */
const SOCKETS_MAX = 4;

export const benchCommand: CommandModule<object, Arguments> = {
  command: 'bench [endpoint]',
  describe:
    'measure how fast the agent answers, in about ten seconds; asks for lists of keys and nothing else',
  builder: yargs =>
    yargs
      .positional('endpoint', {
        type: 'string',
        describe: 'an endpoint for ssh; default: ssh, unless there is a --socket',
      })
      .option('socket', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: "any agent's socket, to measure beside or instead; may be repeated",
      })
      .option('seconds', {
        type: 'number',
        default: 10,
        describe: 'about how long for each socket, 1 to 60; at most ten more',
      })
      .option('json', {type: 'boolean', default: false, describe: 'for scripts: one object'})
      .example('$0 bench', 'exits with 0 when everything was answered, with 1 when something was not')
      .example('$0 bench ssh --socket ~/.ssh/agent.sock', 'beside the socket of npiperelay, with ratios'),
  handler: async ({endpoint, socket = [], seconds, json}) => {
    if (!(seconds >= 1 && seconds <= 60))
      throw new UserError('--seconds is a number from 1 to 60', 'wslagent bench --help', 'usage');
    const [
      {loadConfig},
      {endpointSocket, givenSocket},
      {bench},
      {benchJson},
      {benchText},
      {StatusLine},
      {exitCode},
    ] = await Promise.all([
      import('../config/load.ts'),
      import('../bench/sockets.ts'),
      import('../bench/bench.ts'),
      import('../bench/json.ts'),
      import('../bench/text.ts'),
      import('../bench/status-line.ts'),
      import('../../shared/exit-codes.ts'),
    ]);
    const given = socket.map(givenSocket);
    const name = endpoint ?? (given.length === 0 ? 'ssh' : undefined);
    const own = name === undefined ? [] : [await endpointSocket(name, await loadConfig())];
    const sockets = [...own, ...given];
    if (sockets.length > SOCKETS_MAX)
      throw new UserError(`more than ${SOCKETS_MAX} sockets`, 'give fewer', 'usage');
    const line = new StatusLine();
    const interrupted = () => {
      line.clear();
      process.kill(process.pid, 'SIGINT');
    };
    process.once('SIGINT', interrupted);
    try {
      const report = await bench(sockets, seconds, what => line.say(what));
      line.clear();
      process.stdout.write(json ? benchJson(report) : benchText(report));
      const whole = report.sockets.every(({failures}) => failures === 0);
      process.exitCode = exitCode(whole ? 'ok' : 'failure');
    } finally {
      line.clear();
      process.off('SIGINT', interrupted);
    }
  },
};
