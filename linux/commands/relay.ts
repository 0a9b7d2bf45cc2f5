import type {CommandModule} from 'yargs';
import {ENDPOINT_PROTOCOLS, type EndpointProtocol} from '../../shared/endpoint.ts';
import {isTargetError, parseTarget, TARGETS_MAX, textWithAnyOwner} from '../../shared/target.ts';
import type {Config} from '../config/load.ts';
import {LOG_LEVELS, SHARING} from '../config/schema.ts';
import {UserError} from '../errors.ts';
import type {Relay} from '../relay/relay.ts';

type Arguments = {
  endpoints?: string[] | undefined;
  listen?: string | undefined;
  target?: string[] | undefined;
  protocol?: EndpointProtocol | undefined;
  sharing?: (typeof SHARING)[number] | undefined;
  spares?: number | undefined;
  maxHelpers?: number | undefined;
  logLevel?: (typeof LOG_LEVELS)[number] | undefined;
  trustAnyOwner?: boolean;
};

export const relayCommand: CommandModule<object, Arguments> = {
  command: 'relay [endpoints..]',
  describe: 'serve endpoints in the foreground (what the systemd service runs)',
  builder: yargs =>
    yargs
      .positional('endpoints', {
        type: 'string',
        array: true,
        describe: 'endpoints to serve; default: ssh, or what systemd hands over',
      })
      .option('listen', {
        type: 'string',
        requiresArg: true,
        describe: 'serve one socket at PATH instead of named endpoints',
      })
      .option('target', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        describe: 'where its bytes go; may be repeated, tried in order',
      })
      .option('protocol', {
        choices: ENDPOINT_PROTOCOLS,
        requiresArg: true,
        describe: 'its protocol; default ssh-agent',
      })
      .option('sharing', {
        choices: SHARING,
        requiresArg: true,
        describe: 'when connections may share one helper',
      })
      .option('spares', {type: 'number', requiresArg: true, describe: 'helpers kept ready, 0 to 16'})
      .option('max-helpers', {
        type: 'number',
        requiresArg: true,
        describe: 'most helpers at a time, 1 to 256',
      })
      .option('trust-any-owner', {
        type: 'boolean',
        default: false,
        describe: 'take pipes of other users, too; for one of several targets: any-owner:pipe:NAME',
      })
      .option('log-level', {choices: LOG_LEVELS, requiresArg: true, describe: 'how much is said on stderr'})
      .example(
        '$0 relay ssh',
        'then, in another shell: SSH_AUTH_SOCK=$XDG_RUNTIME_DIR/wslagent/ssh.sock ssh-add -l',
      )
      .example(
        '$0 relay --listen /tmp/a.sock --target pipe:openssh-ssh-agent --protocol ssh-agent',
        'one socket, one pipe',
      ),
  handler: serve,
};

/** Runs until SIGTERM, SIGINT, or until nothing was to do for long under socket activation. */
async function serve(argv: Arguments): Promise<void> {
  const {handedSockets} = await import('../relay/activation.ts');
  const handed = handedSockets({...process.env}, process.pid);
  let relay: Relay;
  try {
    relay = await start(argv);
  } catch (error) {
    const {turnAway} = await import('../relay/turn-away.ts');
    // goes on while the error is told: journald may not know any more whose last words they were
    void turnAway(handed);
    throw error;
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => relay.stop());
  await relay.done;
}

async function start(argv: Arguments): Promise<Relay> {
  const [{loadConfig}, {createLog}, {startRelay}, {findHelper}] = await Promise.all([
    import('../config/load.ts'),
    import('../log.ts'),
    import('../relay/relay.ts'),
    import('../helper-command.ts'),
  ]);
  const config = loadConfig();
  const log = createLog(argv.logLevel ?? config.relay.logLevel);
  const activated = process.env.LISTEN_FDS !== undefined;
  const endpoints = await relayEndpoints(argv, config, activated);
  const relay = await startRelay({
    endpoints: argv.trustAnyOwner ? endpoints.map(trusting) : endpoints,
    helper: findHelper(),
    sharing: argv.sharing ?? config.helper.sharing,
    spares: within('--spares', argv.spares, 0, 16) ?? config.helper.spares,
    maxHelpers: within('--max-helpers', argv.maxHelpers, 1, 256) ?? config.helper.max,
    spareIdle: config.helper.spareIdle,
    idleExit: activated ? config.relay.idleExit : undefined,
    log,
  });
  if (process.stderr.isTTY && !activated)
    log.info('serving in the foreground: Ctrl-C ends it; wslagent install makes it a service');
  return relay;
}

async function relayEndpoints(argv: Arguments, config: Config, activated: boolean) {
  if (argv.listen !== undefined) return [ownEndpoint(argv, argv.listen)];
  if (argv.target !== undefined || argv.protocol !== undefined)
    throw new UserError(
      '--target and --protocol belong to --listen',
      'wslagent relay --listen PATH --target pipe:NAME',
      'usage',
    );
  const {resolveEndpoints} = await import('../endpoints.ts');
  const fallback = activated ? (process.env.LISTEN_FDNAMES ?? '').split(':') : ['ssh'];
  const names = argv.endpoints !== undefined && argv.endpoints.length > 0 ? argv.endpoints : fallback;
  const endpoints = await resolveEndpoints(names, config);
  return endpoints.map(({name, protocol, targets, listen}) => ({
    name,
    protocol,
    targets,
    listen: activated ? undefined : listen,
  }));
}

function ownEndpoint(argv: Arguments, listen: string) {
  if (argv.endpoints !== undefined && argv.endpoints.length > 0)
    throw new UserError(
      '--listen serves one socket of its own, no named endpoints',
      'wslagent relay --listen PATH --target pipe:NAME',
      'usage',
    );
  const targets = argv.target ?? [];
  if (targets.length === 0)
    throw new UserError(
      '--listen needs a --target',
      'wslagent relay --listen PATH --target pipe:NAME',
      'usage',
    );
  if (targets.length > TARGETS_MAX)
    throw new UserError(`more than ${TARGETS_MAX} targets`, 'give fewer', 'usage');
  for (const target of targets) {
    const parsed = parseTarget(target);
    if (isTargetError(parsed)) throw new UserError(parsed.error, parsed.hint, 'usage');
  }
  return {name: 'socket', protocol: argv.protocol ?? 'ssh-agent', targets, listen};
}

function trusting<T extends {targets: string[]}>(endpoint: T): T {
  return {...endpoint, targets: endpoint.targets.map(textWithAnyOwner)};
}

function within(flag: string, value: number | undefined, min: number, max: number): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return value;
  throw new UserError(`${flag} is a whole number from ${min} to ${max}`, 'wslagent relay --help', 'usage');
}
