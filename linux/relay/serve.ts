import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {LOADED_MS, SMALL_HEAP} from '../../shared/small-heap.ts';
import {isTargetError, parseTarget, TARGETS_MAX, textWithAnyOwner} from '../../shared/target.ts';
import {HINT, linesOf} from '../../shared/text.ts';
import {type Config, loadConfig} from '../config/load.ts';
import type {LOG_LEVELS, SHARING} from '../config/words.ts';
import {resolveEndpoints} from '../endpoints.ts';
import {UserError} from '../errors.ts';
import {findHelper} from '../helper-command.ts';
import {createLog} from '../log.ts';
import {type HandedSocket, handedSockets} from './activation.ts';
import {endFirstHelper, type FirstHelper} from './first-helper.ts';
import {type Relay, startRelay} from './relay.ts';
import {turnAway} from './turn-away.ts';

/** One socket of one's own, where everybody has a place for it. */
const EXAMPLE = 'wslagent relay --listen ~/agent.sock --target pipe:openssh-ssh-agent';

/** What `wslagent relay` was given. */
export type RelayArguments = {
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

/** Systemd closes the sockets of a service that is started more often than twenty times in ten seconds. In milliseconds. */
const LEAST_IDLE = 1000;

/**
 * Runs until SIGTERM, SIGINT, or until nothing was to do for long under socket activation. A first helper that was
 * started already is the relay's from now on.
 */
export async function serve(argv: RelayArguments, first?: FirstHelper): Promise<void> {
  // otherwise node opens a port, at which any user of the machine may debug this process
  process.on('SIGUSR1', () => {});
  let handed: HandedSocket[] = [];
  let relay: Relay | undefined;
  let stopped = false;
  const stop = () => {
    stopped = true;
    relay?.stop();
  };
  // from before the first client is accepted; timeout(1) sends its signal twice, which must cut nobody off
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // a second Ctrl-C ends it at once
  process.once('SIGINT', stop);
  try {
    handed = handedSockets({...process.env}, process.pid);
    relay = await start(argv, first);
  } catch (error) {
    // both go on while the error is told: journald may not know any more whose last words they were
    void turnAway(handed);
    if (first !== undefined) void endFirstHelper(first);
    throw error;
  }
  if (stopped) relay.stop();
  setTimeout(keepHeapSmall, LOADED_MS).unref();
  await relay.done;
}

/** Node's module for it is loaded only then: nobody waits any more. */
function keepHeapSmall(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(SMALL_HEAP);
}

async function start(argv: RelayArguments, first: FirstHelper | undefined): Promise<Relay> {
  const spares = within('--spares', argv.spares, 0, 16);
  const maxHelpers = within('--max-helpers', argv.maxHelpers, 1, 256);
  const config = await loadConfig();
  const log = await createLog(argv.logLevel ?? config.relay.logLevel);
  const {recordTrouble} = config;
  if (recordTrouble !== undefined)
    log.warning([recordTrouble.what, ...linesOf(recordTrouble.hint)].join(HINT));
  const activated = process.env.LISTEN_FDS !== undefined;
  const endpoints = await relayEndpoints(argv, config, activated);
  const relay = await startRelay({
    endpoints: argv.trustAnyOwner ? endpoints.map(trusting) : endpoints,
    helper: first?.command ?? (await findHelper()),
    first: first?.subprocess,
    sharing: argv.sharing ?? config.helper.sharing,
    spares: spares ?? config.helper.spares,
    maxHelpers: maxHelpers ?? config.helper.max,
    spareIdle: config.helper.spareIdle,
    idleExit: activated ? Math.max(config.relay.idleExit, LEAST_IDLE) : undefined,
    log,
  });
  if (process.stderr.isTTY && !activated)
    log.info('serving in the foreground: Ctrl-C ends it; wslagent install makes it a service');
  return relay;
}

async function relayEndpoints(argv: RelayArguments, config: Config, activated: boolean) {
  if (argv.listen !== undefined) return [ownEndpoint(argv, argv.listen)];
  if (argv.target !== undefined || argv.protocol !== undefined)
    throw new UserError('--target and --protocol belong to --listen', EXAMPLE, 'usage');
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

function ownEndpoint(argv: RelayArguments, listen: string) {
  if (argv.endpoints !== undefined && argv.endpoints.length > 0)
    throw new UserError('--listen serves one socket of its own, no named endpoints', EXAMPLE, 'usage');
  const targets = argv.target ?? [];
  if (targets.length === 0) throw new UserError('--listen needs a --target', EXAMPLE, 'usage');
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
