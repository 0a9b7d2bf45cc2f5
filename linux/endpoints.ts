import {homedir} from 'node:os';
import {join} from 'node:path';
import {
  BUILT_IN_ENDPOINTS,
  type BuiltInEndpoint,
  ENDPOINT_NAME,
  type EndpointProtocol,
} from '../shared/endpoint.ts';
import {GNUPG_SOCKETS} from '../shared/target.ts';
import type {Config} from './config/load.ts';
import {UserError} from './errors.ts';
import {runtimeDir, socketDir} from './paths.ts';

/** An endpoint, ready to be listened on. */
export type Endpoint = {
  name: string;
  protocol: EndpointProtocol;
  targets: string[];
  /** Absolute path of the socket. */
  listen: string;
  /** The socket is one that GnuPG's Linux programs use, so its distribution units compete for it. */
  gnupg: boolean;
  about: string;
};

type Definition = Omit<BuiltInEndpoint, 'targets'> & {targets: readonly string[]; path: string | undefined};

/** The names of all endpoints, built in and configured. */
export function endpointNames(config: Config): string[] {
  return [...new Set([...Object.keys(BUILT_IN_ENDPOINTS), ...Object.keys(config.endpoints)])];
}

/** The endpoints with these names, in their order. Throws UserError for a name that is unknown or incomplete. */
export async function resolveEndpoints(names: string[], config: Config): Promise<Endpoint[]> {
  const unique = [...new Set(names)];
  return Promise.all(unique.map(name => resolve(name, define(name, config))));
}

/** An endpoint as a list shows it: `listen` is null where `obstacle` says why it has no place on this machine. */
export type ListedEndpoint = Omit<Endpoint, 'listen'> & {listen: string | null; obstacle?: string};

/** One endpoint for a list, also when this machine lacks what it needs. Throws UserError for one that is incomplete. */
export async function listEndpoint(name: string, config: Config): Promise<ListedEndpoint> {
  const definition = define(name, config);
  try {
    return await resolve(name, definition);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const {protocol, targets, listen, about} = definition;
    const gnupg = definition.path === undefined && listen.kind === 'gnupg';
    return {name, protocol, targets: [...targets], listen: null, gnupg, about, obstacle: error.message};
  }
}

function define(name: string, config: Config): Definition {
  const own = config.endpoints[name];
  const builtIn: BuiltInEndpoint | undefined = Object.hasOwn(BUILT_IN_ENDPOINTS, name)
    ? BUILT_IN_ENDPOINTS[name as keyof typeof BUILT_IN_ENDPOINTS]
    : undefined;
  if (own === undefined && builtIn === undefined) {
    const hint = ENDPOINT_NAME.test(name)
      ? `known: ${endpointNames(config).join(', ')}; others go into the configuration file: docs/configuration.md`
      : 'a name has lower-case letters, digits and dashes';
    throw new UserError(`unknown endpoint "${name}"`, hint, 'usage');
  }
  const targets = own?.targets ?? config.chosen?.get(name) ?? builtIn?.targets;
  if (targets === undefined)
    throw new UserError(
      `endpoint "${name}" has no targets`,
      `write targets = ["pipe:NAME"] under [endpoints.${name}] in the configuration file`,
      'config',
    );
  return {
    protocol: own?.protocol ?? builtIn?.protocol ?? 'raw',
    targets,
    listen: builtIn?.listen ?? {kind: 'runtime'},
    path: own?.listen,
    about: builtIn?.about ?? 'from the configuration file',
  };
}

async function resolve(
  name: string,
  {protocol, targets, listen, path, about}: Definition,
): Promise<Endpoint> {
  const gnupg = path === undefined && listen.kind === 'gnupg';
  const socket =
    path !== undefined
      ? expand(path)
      : gnupg
        ? await gnupgSocket(listen.socket)
        : join(socketDir(), `${name}.sock`);
  return {name, protocol, targets: [...targets], listen: socket, gnupg, about};
}

function expand(path: string): string {
  if (path.startsWith('%t/')) return join(runtimeDir(), path.slice(3));
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

/** Where GnuPG's Linux programs look for a socket; it lists none for scdaemon, whose place is the socket folder. */
async function gnupgSocket(socket: keyof typeof GNUPG_SOCKETS): Promise<string> {
  const {linuxGnupgDirs} = await import('./gnupg.ts');
  const dirs = await linuxGnupgDirs();
  const path = dirs.get(socket) ?? join(dirs.get('socketdir') ?? '', GNUPG_SOCKETS[socket]);
  if (!path.startsWith('/'))
    throw new UserError(`gpgconf of Linux names no place for ${socket}`, 'gpgconf --list-dirs');
  return path;
}
