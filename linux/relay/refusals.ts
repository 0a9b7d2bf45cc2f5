import type {Socket} from 'node:net';
import {clientFailure} from '../../shared/client-failure.ts';
import type {Failure} from '../../shared/failure.ts';
import type {Log} from '../log.ts';
import {sayFarewell} from './farewell.ts';
import {clientProtocol} from './protocols/client-protocol.ts';
import type {RelayEndpoint} from './relay.ts';
import type {Room} from './room.ts';

/** How long a client may take to ask, as only an answer can tell it, in milliseconds. */
const REQUEST_DEADLINE = 2000;

/** Of those who are refused within this time the journal tells in one line, in milliseconds. */
const WINDOW = 10_000;

/** Refuses clients for whom there is no room, each in its own protocol; the journal is told from time to time. */
export class Refusals {
  readonly #room: Room;
  readonly #log: Log;
  /** How to make an end of it with each, in the order in which they came: who was not told, and who has only to go. */
  readonly #untold = new Map<Socket, () => void>();
  readonly #told = new Map<Socket, () => void>();
  #count = 0;
  #window: NodeJS.Timeout | undefined;

  constructor(room: Room, log: Log) {
    this.#room = room;
    this.#log = log;
  }

  /** `socket` is paused and allows half-open. */
  refuse({name, protocol}: RelayEndpoint, socket: Socket): void {
    this.#note(name);
    const failure: Failure = {reason: 'busy', message: `more than ${this.#room.connections} connections`};
    const client = clientProtocol(protocol);
    let told = false;
    const tell = () => {
      if (told) return;
      told = true;
      clearTimeout(deadline);
      this.#untold.delete(socket);
      this.#told.set(socket, () => socket.destroySoon());
      sayFarewell(socket, client.owing ? client.farewell(failure) : clientFailure(protocol, failure));
    };
    const deadline = setTimeout(tell, REQUEST_DEADLINE);
    socket.on('error', () => {});
    socket.once('end', tell);
    socket.once('close', () => {
      clearTimeout(deadline);
      this.#untold.delete(socket);
      this.#told.delete(socket);
    });
    socket.on('data', bytes => {
      try {
        client.fromClient(bytes);
      } catch {
        // no request: the farewell is the same
      }
      if (client.owing) tell();
    });
    this.#untold.set(socket, () => {
      tell();
      socket.destroySoon();
    });
    if (client.serverFirst) tell();
    else socket.resume();
    this.#makeRoom(this.#room.refused);
  }

  /** Makes an end of all. */
  close(): void {
    this.#makeRoom(0);
    if (this.#window !== undefined) this.#tellCount();
  }

  #makeRoom(most: number): void {
    for (const refused of [this.#told, this.#untold])
      for (const [socket, end] of refused) {
        if (this.#told.size + this.#untold.size <= most) return;
        end();
        this.#told.delete(socket);
      }
  }

  /** The first is told at once, the others together. */
  #note(name: string): void {
    if (++this.#count > 1) return;
    const {connections, files} = this.#room;
    const hint =
      files === undefined
        ? 'ss -xp'
        : `raise the limit on open files, which is ${files}: LimitNOFILE= in the unit of the service, ulimit -n in a shell`;
    this.#log.warning(`${name}: more than ${connections} connections: clients are refused; hint: ${hint}`);
    this.#window = setTimeout(() => this.#tellCount(), WINDOW).unref();
  }

  #tellCount(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    if (this.#count > 1) this.#log.warning(`${this.#count} clients were refused within ${WINDOW / 1000} s`);
    this.#count = 0;
  }
}
