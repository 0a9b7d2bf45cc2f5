import {lstatSync, readFileSync, readlinkSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import {dirname, isAbsolute, resolve} from 'node:path';
import {UserError} from '../errors.ts';
import type {Log} from '../log.ts';
import {trustedFolder} from '../system/trusted-folder.ts';
import {type HandedSocket, handedSockets} from './activation.ts';
import {BACKLOG, bind, removeOwn, unbind} from './bind.ts';
import type {RelayEndpoint} from './relay.ts';
import {checkSocketPath, ensureSocketFolder} from './socket-folder.ts';
import {parseUnixTable} from './unix-table.ts';

export type ListeningSocket = {
  /**
   * Nobody new can come: who waits on a socket of systemd's waits for the next start; from our own the name is taken
   * away, and who waits there is still accepted.
   */
  leave(): void;
  /** Stops accepting; removes the socket file when we made it. */
  close(): void;
};

export type Accept = (endpoint: RelayEndpoint, socket: Socket) => void;

/**
 * Opens a listening socket for every endpoint: what systemd handed over, else bound at its path. The
 * sockets that `accept` gets are paused and half-open. Throws UserError, with nothing left open.
 */
export async function openSockets(
  endpoints: RelayEndpoint[],
  accept: Accept,
  log: Log,
): Promise<ListeningSocket[]> {
  const handed = assign(handedSockets(process.env, process.pid), endpoints);
  const opened: ListeningSocket[] = [];
  try {
    for (const endpoint of endpoints) {
      const fds = handed.get(endpoint) ?? [];
      for (const fd of fds) opened.push(await adopt(endpoint, fd, accept, log));
      if (fds.length > 0) continue;
      if (endpoint.listen === undefined)
        throw new UserError(
          `systemd handed over no socket for the endpoint "${endpoint.name}"`,
          `wslagent install ${endpoint.name} --now`,
          'cannotListen',
        );
      opened.push(await bindOwn(endpoint, endpoint.listen, accept, log));
    }
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
  return opened;
}

/** Which descriptors belong to which endpoint. */
function assign(handed: HandedSocket[], endpoints: RelayEndpoint[]): Map<RelayEndpoint, number[]> {
  const fds = new Map<RelayEndpoint, number[]>();
  for (const {fd, name} of handed) {
    const endpoint = endpoints.find(endpoint => endpoint.name === name);
    if (endpoint === undefined)
      throw new UserError(
        `systemd handed over a socket named "${name ?? ''}", and no endpoint is called so`,
        `in the socket unit: FileDescriptorName=${endpoints[0]?.name ?? 'ssh'}`,
        'cannotListen',
      );
    fds.set(endpoint, [...(fds.get(endpoint) ?? []), fd]);
  }
  return fds;
}

async function adopt(
  endpoint: RelayEndpoint,
  fd: number,
  accept: Accept,
  log: Log,
): Promise<ListeningSocket> {
  const path = listeningPath(fd);
  if (path === undefined)
    throw new UserError(
      `the socket that systemd handed over for "${endpoint.name}" is no listening Unix socket`,
      'in the socket unit: ListenStream=%t/…, Accept=no',
      'cannotListen',
    );
  warnIfOpen(endpoint, path, log);
  const server = createListener(endpoint, accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({fd, backlog: BACKLOG}, () => {
      server.off('error', reject);
      resolve();
    });
  });
  watchErrors(server, endpoint, log);
  log.info(`${endpoint.name}: listening on ${path} (from systemd)`);
  const close = () => void server.close();
  return {leave: close, close};
}

async function bindOwn(
  endpoint: RelayEndpoint,
  listen: string,
  accept: Accept,
  log: Log,
): Promise<ListeningSocket> {
  const path = resolve(listen);
  checkSocketPath(path);
  const folder = ensureSocketFolder(path);
  const server = createListener(endpoint, accept);
  const own = await bind(server, path, folder);
  watchErrors(server, endpoint, log);
  log.info(`${endpoint.name}: listening on ${path}`);
  return {leave: () => removeOwn(path, own), close: () => unbind(server, path, own)};
}

function createListener(endpoint: RelayEndpoint, accept: Accept): Server {
  const server = createServer({allowHalfOpen: true, pauseOnConnect: true}, socket =>
    accept(endpoint, socket),
  );
  return server;
}

/** Not when descriptors run out: then libuv closes who waits, and tells nobody (room.ts sees to it that they do not). */
function watchErrors(server: Server, {name}: RelayEndpoint, log: Log): void {
  server.on('error', error => log.warning(`${name}: ${error.message}`));
}

/** The path of a listening Unix socket; undefined for a descriptor that is anything else. */
function listeningPath(fd: number): string | undefined {
  try {
    const inode = /^socket:\[([0-9]+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
    const table = parseUnixTable(readFileSync('/proc/net/unix', 'utf8'));
    return table.find(socket => String(socket.inode) === inode && socket.listening)?.path;
  } catch {
    return undefined;
  }
}

/** SocketMode= is 0666 unless the unit says otherwise, and systemd looks at no folder that is there already. */
function warnIfOpen({name}: RelayEndpoint, path: string, log: Log): void {
  if (!isAbsolute(path)) {
    log.warning(`${name}: other users may connect to ${path}; hint: in the socket unit: ListenStream=%t/…`);
    return;
  }
  const mode = lstatSync(path, {throwIfNoEntry: false})?.mode ?? 0;
  if ((mode & 0o077) !== 0)
    log.warning(`${name}: other users may connect to ${path}; hint: in the socket unit: SocketMode=0600`);
  try {
    trustedFolder(dirname(path));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.warning(`${name}: ${error.message}; hint: ${error.hint}`);
  }
}
