import type {Socket} from 'node:net';
import {sayFarewell} from './farewell.ts';
import {isGone, unwatch, watchPresence} from './presence.ts';

/** How long a client that was told the agent's end may neither take what is left nor say anything, in milliseconds. */
const STILLNESS = 3_600_000;

/** What a client's socket tells its connection. */
export type ClientEvents = {
  data(bytes: Uint8Array): void;
  /** The client sends no more; it may still read. */
  end(): void;
  /** The client is gone, and what it said is to be read to its end: no more can come than the socket holds. */
  leaving(): void;
  /** Nobody reads what is written, and nothing more will be read. */
  lost(): void;
  /** The descriptor is free. */
  closed(): void;
};

/** A client's end of a connection. A client that goes is noticed, whether its socket is read or not. */
export class ClientSocket {
  /** To write to. */
  readonly stream: Socket;
  readonly #events: ClientEvents;
  readonly #leavesWord: boolean;
  #ended = false;
  #gone = false;

  /** `stream` is paused and allows half-open; `leavesWord`: what a client has said is of use also when it is gone. */
  constructor(stream: Socket, leavesWord: boolean, events: ClientEvents) {
    this.stream = stream;
    this.#events = events;
    this.#leavesWord = leavesWord;
    stream.on('data', bytes => events.data(bytes));
    stream.on('end', () => this.#atEnd());
    stream.on('error', () => events.lost());
    stream.on('close', () => {
      unwatch(stream);
      events.closed();
    });
  }

  /** The client sends no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The client is gone, and what it left to be said is of use. */
  get gone(): boolean {
    return this.#gone;
  }

  get paused(): boolean {
    return this.stream.isPaused();
  }

  pause(): void {
    this.stream.pause();
    watchPresence(this.stream, this.#vanished);
  }

  resume(): void {
    if (!this.#ended) unwatch(this.stream);
    this.stream.resume();
  }

  /** Nothing more is written. */
  end(): void {
    this.stream.end();
    this.stream.setTimeout(STILLNESS, () => this.stream.destroy());
  }

  /** Writes the last there is to say, and closes when the client has gone, within a bound. */
  leave(farewell: Uint8Array): void {
    unwatch(this.stream);
    sayFarewell(this.stream, farewell);
  }

  destroy(): void {
    this.stream.destroy();
  }

  #atEnd(): void {
    this.#ended = true;
    this.#events.end();
    // who may only say something and go is gone from then on; others get a moment for it to reach the agent
    if (this.#leavesWord && isGone(this.stream)) this.#vanished();
    else watchPresence(this.stream, this.#vanished);
  }

  readonly #vanished = (): void => {
    this.#gone = this.#leavesWord;
    if (this.#gone && !this.#ended) {
      this.#events.leaving();
      return;
    }
    this.#events.lost();
    this.stream.destroy();
  };
}
