import type {Socket} from 'node:net';
import {asFailure, type Failure} from '../../shared/failure.ts';
import {ClientSocket} from './client-socket.ts';
import type {HelperChannel} from './helper-channel.ts';
import type {HelperPool} from './helper-pool.ts';
import type {HelperProcess} from './helper-process.ts';
import {HelperWish} from './helper-wish.ts';
import {type ConnectionRecord, newRecord} from './journal.ts';
import {CLIENT_GONE, Legacy} from './legacy.ts';
import {type ClientProtocol, clientProtocol} from './protocols/client-protocol.ts';
import type {RelayEndpoint} from './relay.ts';
import {Replay} from './replay.ts';
import {ToClient} from './to-client.ts';

/** A client connects first and asks then; who came less than so long ago is about to, in milliseconds. */
const TIME_TO_ASK = 500;

/** How long a client that is to be told of a failure may take to ask something, in milliseconds. */
const REQUEST_DEADLINE = 30_000;

/**
 * Carries one client's bytes through a channel and back.
 *
 * `held`: it has failed and waits for a request, because only an answer can tell the client.
 * `closing`: everything is said; what the client still sends is dropped.
 */
export class Connection {
  readonly #endpoint: RelayEndpoint;
  readonly #socket: ClientSocket;
  readonly #wish: HelperWish;
  readonly #done: (record: ConnectionRecord) => void;
  readonly #protocol: ClientProtocol;
  readonly #replay: Replay;
  readonly #legacy = new Legacy(failure => {
    this.#record.failure ??= failure;
    this.#give(failure);
    this.#socket.destroy();
    this.#settle();
  });
  #toClient: ToClient | undefined;
  readonly #started = performance.now();
  readonly #record: ConnectionRecord;
  #state: 'open' | 'held' | 'closing' = 'open';
  #channel: HelperChannel | undefined;
  #asked = false;
  #agentEnded = false;
  /** The client is gone, and all that it said is being delivered. */
  #forgotten = false;
  #socketClosed = false;
  #settled = false;
  #timer: NodeJS.Timeout | undefined;

  /** `socket` is paused and allows half-open; `done` is called once, when socket and channel are over. */
  constructor(
    name: string,
    endpoint: RelayEndpoint,
    socket: Socket,
    pool: HelperPool,
    done: (record: ConnectionRecord) => void,
  ) {
    this.#endpoint = endpoint;
    this.#wish = new HelperWish(pool);
    this.#done = done;
    this.#protocol = clientProtocol(endpoint.protocol);
    this.#replay = new Replay(this.#protocol);
    this.#socket = new ClientSocket(socket, this.#protocol.fireAndForget, {
      data: bytes => this.#fromClient(bytes),
      end: () => this.#clientEnd(),
      leaving: () => this.#clientLeaving(),
      lost: () => this.#clientLost(),
      closed: () => this.#closed(),
    });
    this.#record = newRecord(name);
    // an ssh client that asks nothing needs no helper: it may stay connected for hours
    if (this.#protocol.serverFirst) {
      this.#socket.pause();
      this.#ask();
    } else this.#socket.resume();
  }

  /** Ends it if nothing was asked yet, or if only its end is waited for; who has just come gets time to ask. */
  drain(): void {
    const idle = this.#state === 'held' || (this.#state === 'open' && !this.#asked);
    if (!idle) return;
    const time = this.#started + TIME_TO_ASK - performance.now();
    if (this.#state === 'held' || time <= 0) this.#leave('the relay stopped');
    else this.#timer = setTimeout(() => this.drain(), time);
  }

  /** Ends it, whatever it does; a client that waits for an answer is told. */
  abort(): void {
    this.#fail({reason: 'gone', message: 'the relay stopped before the agent had answered'});
    if (this.#state === 'held') this.#leave(this.#record.end);
    // what was just written is with the kernel, unless the client does not read: then it is lost
    this.#socket.destroy();
    this.#settle();
  }

  #ask(): void {
    this.#asked = true;
    this.#wish.ask({
      serve: helper => this.#attach(helper),
      failed: failure => {
        this.#fail(failure);
        this.#settle();
      },
    });
  }

  #attach(helper: HelperProcess): void {
    this.#record.waited = performance.now() - this.#started;
    const {protocol} = this.#endpoint;
    // whatever is asked later is asked of the same agent
    const answered = this.#record.answered?.target;
    const targets = answered === undefined ? this.#endpoint.targets : [answered];
    const channel = helper.open(protocol, targets, {
      opened: (target, elapsed, detail) => {
        this.#record.answered = {target: targets[target] ?? '', elapsed, detail};
        this.#replay.forget();
      },
      data: bytes => this.#fromAgent(bytes),
      end: () => this.#agentEnd(),
      drain: () => this.#goOn(),
      doubted: () => this.#doubted(),
      closed: failure => this.#channelClosed(failure),
    });
    this.#channel = channel;
    this.#toClient = new ToClient(this.#socket.stream, count => channel.consumed(count));
    const {kept} = this.#replay;
    if (kept.length > 0) channel.data(kept);
    if (this.#socket.gone) this.#legacy.begin();
    if (this.#forgotten) channel.abandon(CLIENT_GONE);
    else if (this.#socket.ended) channel.end();
    else this.#goOn();
  }

  #fromClient(bytes: Uint8Array): void {
    if (this.#state === 'closing') return;
    this.#record.bytesIn += bytes.length;
    try {
      this.#protocol.fromClient(bytes);
    } catch (error) {
      this.#fail(asFailure(error));
    }
    if (this.#state === 'held') {
      if (this.#protocol.owing) this.#leave(this.#record.end);
    } else if (this.#state === 'open') this.#forward(bytes);
  }

  #forward(bytes: Uint8Array): void {
    this.#replay.add(bytes);
    if (this.#channel === undefined) {
      this.#socket.pause();
      if (!this.#asked) this.#ask();
      return;
    }
    const flowing = this.#channel.data(bytes) && !this.#protocol.full;
    if (!flowing && !this.#socket.gone) this.#socket.pause();
  }

  /** Reads the client again, unless there is a reason left not to; one that is gone can say no more than its socket holds. */
  #goOn(): void {
    const flows = this.#channel?.takesMore && !this.#protocol.full;
    if (flows || this.#socket.gone) this.#socket.resume();
  }

  #fromAgent(bytes: Uint8Array): void {
    if (this.#state !== 'open' || this.#channel === undefined) return;
    try {
      const pieces = this.#protocol.fromAgent(bytes);
      for (const piece of pieces) this.#record.bytesOut += piece.length;
      if (pieces.length > 0) this.#replay.answered();
      this.#toClient?.send(bytes.length, pieces);
      if (this.#socket.paused) this.#goOn();
    } catch (error) {
      this.#fail(asFailure(error));
    }
  }

  #clientEnd(): void {
    if (this.#state === 'held' || (this.#state === 'open' && !this.#asked)) this.#leave('client closed');
    else this.#channel?.end();
  }

  /** What can still come is no more than a socket holds, so it is read without a pause. */
  #clientLeaving(): void {
    if (this.#channel === undefined) return;
    this.#legacy.begin();
    this.#socket.resume();
  }

  #agentEnd(): void {
    const failure = this.#protocol.atAgentEnd();
    if (failure !== undefined) {
      this.#fail(failure);
      return;
    }
    this.#agentEnded = true;
    const end = this.#socket.ended ? 'client closed' : 'agent closed';
    this.#record.end = end;
    if (!this.#protocol.serverEndsAll) {
      this.#toClient?.flush();
      this.#socket.end();
    } else {
      this.#give(CLIENT_GONE);
      this.#leave(end);
    }
  }

  #channelClosed(failure: Failure | undefined): void {
    this.#channel = undefined;
    const retry = failure?.reason === 'helperDied' && this.#state === 'open' && this.#replay.afterDeath();
    if (retry) this.#takeAnother();
    else if (failure !== undefined) this.#fail(failure);
    this.#settle();
  }

  /** The helper says nothing, although it was asked whether it lives; what it was told it may still do. */
  #doubted(): void {
    if (this.#state !== 'open' || !this.#replay.afterDoubt()) return;
    this.#channel?.reset(CLIENT_GONE);
    this.#takeAnother();
  }

  /** Another helper goes on: at once if somebody waits for it, else when something is asked. */
  #takeAnother(): void {
    this.#channel = undefined;
    this.#toClient?.flush();
    if (this.#protocol.serverFirst || this.#protocol.owing) this.#ask();
    else if (this.#socket.ended) this.#leave('client closed');
    else {
      this.#asked = false;
      this.#socket.resume();
    }
  }

  /** The client is gone without a word, or its socket is at its end. */
  #clientLost(): void {
    if (this.#state === 'open') this.#record.end = 'client went away';
    // before its end it may have been cut off in the middle of what it had to say
    if (this.#state === 'open' && this.#protocol.fireAndForget && this.#socket.ended) {
      this.#forgotten = true;
      this.#channel?.abandon(CLIENT_GONE);
      if (this.#channel !== undefined) this.#legacy.begin();
    } else this.#give(CLIENT_GONE);
  }

  /** What the client sent before its regular end still goes to the agent. */
  #closed(): void {
    this.#socketClosed = true;
    clearTimeout(this.#timer);
    if (!(this.#forgotten || (this.#socket.ended && this.#agentEnded))) this.#give(CLIENT_GONE);
    this.#settle();
  }

  #settle(): void {
    if (this.#settled || !this.#socketClosed || this.#channel !== undefined || this.#wish.waits) return;
    this.#settled = true;
    this.#legacy.over();
    this.#record.duration = performance.now() - this.#started;
    this.#done(this.#record);
  }

  /** Gives up the channel, or the place in the line for a helper. */
  #give(reason: Failure): void {
    this.#wish.drop();
    this.#channel?.reset(reason);
    this.#channel = undefined;
    this.#replay.forget();
  }

  #fail(failure: Failure): void {
    if (this.#state === 'closing') return;
    this.#record.failure ??= failure;
    this.#give(failure);
    const {answersOnly, owing} = this.#protocol;
    if (!answersOnly || owing || this.#socket.ended) this.#leave(this.#record.end);
    else if (this.#state === 'open') {
      this.#state = 'held';
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#leave(this.#record.end), REQUEST_DEADLINE);
      this.#socket.resume();
    }
  }

  /** Says what is left to say, and closes once that is delivered. */
  #leave(end: string): void {
    this.#state = 'closing';
    this.#record.end = end;
    clearTimeout(this.#timer);
    const {failure} = this.#record;
    const farewell = failure === undefined ? new Uint8Array(0) : this.#protocol.farewell(failure);
    this.#record.bytesOut += farewell.length;
    this.#toClient?.flush();
    this.#socket.leave(farewell);
  }
}
