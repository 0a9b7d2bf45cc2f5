import {dirname, isAbsolute, join} from 'node:path';
import {VERSION} from '../../shared/version.ts';
import type {Endpoint} from '../endpoints.ts';
import type {Item, Owner} from './item.ts';
import {unitCommand, unitPath, unitWord} from './quote.ts';
import type {Mode} from './record.ts';
import {fillTemplate, readTemplate} from './template.ts';

export const RELAY_SERVICE = 'wslagent.service';

/** Opens a socket again some time after it failed. No endpoint can have this name. */
const AGAIN_UNIT = 'wslagent_again@.service';

/** More than the relay takes to end its connections and helpers when it is told to stop. */
const STOP_SECONDS = 20;

export type UnitOptions = {
  mode: Mode;
  endpoints: readonly Endpoint[];
  unitDir: string;
  runtimeDir: string;
  /** Node and the bundle: what the relay service starts. */
  wslagent: readonly [node: string, script: string];
  /** The helper command: what each connection starts in direct mode. */
  helper: readonly string[];
  /** WSLAGENT_HELPER for the relay, where the helper is not the installed exe. */
  helperVariable: string | undefined;
  template?: (name: string) => string;
};

export function socketUnit(endpoint: string): string {
  return `wslagent-${endpoint}.socket`;
}

/** The template whose instances serve one connection each, in direct mode. */
function connectionUnit(endpoint: string): string {
  return `wslagent-${endpoint}@.service`;
}

/** The unit files of an installation. Throws UserError for a path that no unit can name. */
export function unitItems(options: UnitOptions): Item[] {
  const {mode, endpoints, template = readTemplate} = options;
  const direct = mode === 'direct';
  const folder = direct ? 'direct' : 'daemon';
  const sockets = endpoints.map(endpoint =>
    unitItem(
      options,
      `endpoint:${endpoint.name}`,
      socketUnit(endpoint.name),
      template(`${folder}/wslagent-ENDPOINT.socket.in`),
      {
        ENDPOINT: endpoint.name,
        ABOUT: endpoint.about.replaceAll('%', '%%'),
        LISTEN: listenPath(endpoint.listen, options.runtimeDir),
      },
    ),
  );
  // it stays as long as any endpoint does
  const again = unitItem(options, 'relay', AGAIN_UNIT, template('wslagent_again@.service.in'), {});
  if (!direct) return [relayService(options, template), again, ...sockets];
  const services = endpoints.map(endpoint =>
    unitItem(
      options,
      `endpoint:${endpoint.name}`,
      connectionUnit(endpoint.name),
      template('direct/wslagent-ENDPOINT@.service.in'),
      {ENDPOINT: endpoint.name, ...connectionValues(endpoint, options.helper)},
    ),
  );
  return [...services, again, ...sockets];
}

function relayService(options: UnitOptions, template: (name: string) => string): Item {
  const {helperVariable, wslagent} = options;
  return unitItem(options, 'relay', RELAY_SERVICE, template('daemon/wslagent.service.in'), {
    COMMAND: unitCommand([...wslagent, 'relay']),
    ENVIRONMENT:
      helperVariable === undefined ? '' : `Environment=${unitWord(`WSLAGENT_HELPER=${helperVariable}`)}`,
    STOP_SECONDS: String(STOP_SECONDS),
  });
}

function unitItem(
  {unitDir}: UnitOptions,
  owner: Owner,
  unit: string,
  text: string,
  values: Record<string, string>,
): Item {
  const content = fillTemplate(text, {VERSION, UNIT: unit, ...values});
  return {kind: 'file', owner, path: join(unitDir, unit), mode: 0o644, content};
}

function connectionValues({protocol, targets}: Endpoint, helper: readonly string[]): Record<string, string> {
  const [program = ''] = helper;
  const flags = targets.flatMap(target => ['--target', target]);
  return {
    COMMAND: unitCommand([...helper, 'connect', '--protocol', protocol, ...flags]),
    // a Windows program started in a Linux folder takes seconds (microsoft/WSL#8943)
    DIRECTORY: isAbsolute(program) ? `WorkingDirectory=${unitPath(dirname(program))}` : '',
  };
}

/** `%t` is systemd's word for the runtime folder. */
function listenPath(listen: string, runtimeDir: string): string {
  return listen.startsWith(`${runtimeDir}/`)
    ? `%t/${unitPath(listen.slice(runtimeDir.length + 1))}`
    : unitPath(listen);
}
