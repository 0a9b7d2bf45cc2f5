import type {Socket} from 'node:net';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import type {HelperCommand} from '../helper-command.ts';
import type {Log} from '../log.ts';
import {Connection} from './connection.ts';
import {startObstacle} from './helper-failure.ts';
import {HelperPool, type Sharing} from './helper-pool.ts';
import {HelperProcess} from './helper-process.ts';
import {type ConnectionRecord, connectionLine} from './journal.ts';
import {Refusals} from './refusals.ts';
import {type Room, roomForConnections} from './room.ts';
import {type ListeningSocket, openSockets} from './sockets.ts';
import type {HelperSubprocess} from './spawn-helper.ts';

export type RelayEndpoint = {
  name: string;
  protocol: EndpointProtocol;
  targets: string[];
  /** The socket's path; undefined when systemd hands the socket over. */
  listen: string | undefined;
};

export type RelayOptions = {
  endpoints: RelayEndpoint[];
  helper: HelperCommand;
  /** A helper that is starting already, for the client for whom systemd started the relay. */
  first?: HelperSubprocess | undefined;
  sharing: Sharing;
  spares: number;
  maxHelpers: number;
  /** How long an unused helper is kept, in milliseconds. */
  spareIdle: number;
  /** After so many milliseconds without a connection the relay ends; only under socket activation. */
  idleExit: number | undefined;
  log: Log;
};

export type Relay = {
  /** Resolves when everything is closed and every helper is gone. */
  readonly done: Promise<void>;
  /** Stops accepting, lets what runs finish, bounded by DRAIN_DEADLINE. */
  stop(): void;
};

/** How long connections may go on after the relay was told to stop, in milliseconds. */
export const DRAIN_DEADLINE = 10_000;

/** After so many turns of the event loop in which nobody was accepted nobody waits, and what was said is read. */
const QUIET_TURNS = 3;

/** How long that may take when more and more come, in milliseconds. */
const TAKE_IN_DEADLINE = 2000;

/** Opens the sockets and serves them until `stop`. Throws UserError when a socket cannot be had. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const server = new Server(options);
  const sockets = await openSockets(
    options.endpoints,
    (endpoint, socket) => server.accept(endpoint, socket),
    options.log,
  );
  server.opened(sockets);
  return server;
}

class Server implements Relay {
  readonly done: Promise<void>;
  readonly #options: RelayOptions;
  readonly #pool: HelperPool;
  readonly #connections = new Set<Connection>();
  readonly #room: Room;
  readonly #refusals: Refusals;
  #sockets: ListeningSocket[] = [];
  /** The helper that is starting already, until the pool has it. */
  #first: HelperSubprocess | undefined;
  #count = 0;
  #came = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #stopping = false;
  #emptied: (() => void) | undefined;
  #resolveDone: () => void = () => {};

  constructor(options: RelayOptions) {
    const {helper, first, log, sharing, spares, maxHelpers, spareIdle} = options;
    this.#options = options;
    this.#first = first;
    this.#room = roomForConnections(options.endpoints.length, maxHelpers);
    this.#refusals = new Refusals(this.#room, log);
    this.#pool = new HelperPool({
      sharing,
      spares,
      maxHelpers,
      spareIdle,
      log,
      start: events => new HelperProcess(helper, log, events, {subprocess: this.#takeFirst()}),
      obstacle: () => startObstacle(helper),
    });
    this.done = new Promise(resolve => {
      this.#resolveDone = resolve;
    });
  }

  opened(sockets: ListeningSocket[]): void {
    this.#sockets = sockets;
    if (this.#first !== undefined) this.#pool.begin();
    this.#watchIdle();
  }

  accept(endpoint: RelayEndpoint, socket: Socket): void {
    this.#came++;
    if (this.#connections.size >= this.#room.connections) {
      this.#refusals.refuse(endpoint, socket);
      return;
    }
    clearTimeout(this.#idleTimer);
    const name = `${endpoint.name}#${++this.#count}`;
    const connection: Connection = new Connection(name, endpoint, socket, this.#pool, record =>
      this.#closed(connection, record),
    );
    this.#connections.add(connection);
  }

  stop(): void {
    void this.#stop('stopping');
  }

  #takeFirst(): HelperSubprocess | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first;
  }

  #closed(connection: Connection, record: ConnectionRecord): void {
    const {log} = this.#options;
    const line = connectionLine(record);
    if (record.failure !== undefined) log.warning(line);
    else if (record.bytesIn + record.bytesOut === 0) log.debug(line);
    else log.info(line);
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    this.#emptied?.();
    this.#watchIdle();
  }

  #watchIdle(): void {
    const {idleExit} = this.#options;
    if (idleExit === undefined || this.#stopping || this.#connections.size > 0) return;
    this.#idleTimer = setTimeout(
      () => void this.#stop('nothing to do: systemd starts it again when a client comes'),
      idleExit,
    );
  }

  /** Who asked before the sockets were closed is served; a client that comes later waits in systemd's queue. */
  async #stop(reason: string): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearTimeout(this.#idleTimer);
    this.#options.log.info(reason);
    for (const socket of this.#sockets) socket.leave();
    await this.#takeIn();
    for (const socket of this.#sockets) socket.close();
    this.#pool.retire();
    for (const connection of this.#connections) connection.drain();
    await this.#drained();
    this.#refusals.close();
    await this.#pool.stop();
    this.#resolveDone();
  }

  /** Accepts who waits already, and reads what clients have said: one is accepted in each turn, and read in the next. */
  async #takeIn(): Promise<void> {
    const end = performance.now() + TAKE_IN_DEADLINE;
    for (let quiet = 0; quiet < QUIET_TURNS && performance.now() < end; quiet++) {
      const before = this.#came;
      await new Promise<void>(resolve => setImmediate(resolve));
      if (this.#came > before) quiet = -1;
    }
  }

  async #drained(): Promise<void> {
    if (this.#connections.size === 0) return;
    const empty = new Promise<void>(resolve => {
      this.#emptied = resolve;
    });
    const deadline = setTimeout(() => {
      this.#options.log.warning(
        `${this.#connections.size} connections did not end within ${DRAIN_DEADLINE / 1000} s`,
      );
      for (const connection of this.#connections) connection.abort();
    }, DRAIN_DEADLINE);
    await empty;
    clearTimeout(deadline);
  }
}
