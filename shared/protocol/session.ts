import type {EndpointProtocol} from '../endpoint.ts';
import type {Failure} from '../failure.ts';
import {VERSION} from '../version.ts';
import {Channel} from './channel.ts';
import {FrameDecoder} from './decode.ts';
import {encodeFrame} from './encode.ts';
import {type Frame, NO_CHANNEL, ProtocolError} from './frames.ts';
import {encodeGreeting, GreetingDecoder} from './greeting.ts';
import {Life} from './life.ts';
import {CHANNEL_ID_MAX, CHANNELS_MAX} from './limits.ts';

/** What a session tells its owner, in the order it happened on the wire. */
export type SessionEvents = {
  /** The peer's greeting has come and its version is ours. */
  greeted(): void;
  /** Helper only: a connection is asked for. */
  open(channel: number, protocol: EndpointProtocol, targets: string[]): void;
  /** Relay only: target number `target` of the list answered after `elapsed` milliseconds. */
  opened(channel: number, target: number, elapsed: number, detail: string): void;
  /** Give each byte back with `consumed` once it is delivered. The memory may be shared: it must not be changed. */
  data(channel: number, bytes: Uint8Array): void;
  /** The peer sends no more data on this channel. */
  end(channel: number): void;
  /** Everything that waited for credit is sent: the source may go on. */
  drain(channel: number): void;
  /** The channel is over; a failure says why when it did not end well. No event follows for it. */
  closed(channel: number, failure: Failure | undefined): void;
};

export type SessionRole = 'relay' | 'helper';

/** A frame of a channel that was opened before. */
type ChannelFrame = Exclude<Frame, {type: 'open' | 'ask' | 'alive'}>;

/** Puts pieces on the wire, in order; `written` is to be called once they are written. */
export type SessionWrite = (pieces: Uint8Array[], written?: () => void) => void;

/**
 * One side of the relay protocol (docs/protocol.md): checks everything the peer says, keeps credit and
 * half-closes, answers whether it lives, and turns calls into bytes. Free of I/O: `write` puts them on the wire.
 * After a ProtocolError from `receive` it is of no further use.
 */
export class Session {
  readonly #role: SessionRole;
  readonly #write: SessionWrite;
  readonly #events: SessionEvents;
  readonly #greeting: GreetingDecoder;
  readonly #frames = new FrameDecoder();
  readonly #channels = new Map<number, Channel>();
  readonly #life = new Life((type, number, written) =>
    this.#write(encodeFrame({type, channel: NO_CHANNEL, number}), written),
  );
  #greeted = false;
  /** The highest channel id that was ever opened. */
  #lastId = 0;

  constructor(role: SessionRole, write: SessionWrite, events: SessionEvents, version: string = VERSION) {
    this.#role = role;
    this.#write = write;
    this.#events = events;
    this.#greeting = new GreetingDecoder(version);
    write([encodeGreeting(version)]);
  }

  get greeted(): boolean {
    return this.#greeted;
  }

  /** How many channels are open, those included that wait for the peer's answer to a reset. */
  get size(): number {
    return this.#channels.size;
  }

  /** Whether another channel may be opened. */
  get hasRoom(): boolean {
    return this.#channels.size < CHANNELS_MAX && this.#lastId < CHANNEL_ID_MAX;
  }

  /** What came of a greeting that is not complete, as one safe line. */
  get stray(): string {
    return this.#greeting.stray;
  }

  /** Takes bytes from the peer, however they are cut. Throws ProtocolError. */
  receive(chunk: Uint8Array): void {
    let rest: Uint8Array = chunk;
    if (!this.#greeted) {
      const after = this.#greeting.push(chunk);
      if (after === undefined) return;
      this.#greeted = true;
      this.#events.greeted();
      rest = after;
    }
    for (const frame of this.#frames.push(rest)) this.#frame(frame);
  }

  /** The peer's stream has ended. Throws ProtocolError when that cut a frame. */
  finish(): void {
    if (this.#frames.midFrame) throw new ProtocolError('the stream ended inside a frame');
  }

  /** Asks the peer for a sign of life: whatever comes from it afterwards is one, the answer at the latest. */
  ask(): void {
    this.#life.ask();
  }

  /** Relay only: asks for a connection; returns its channel. */
  open(protocol: EndpointProtocol, targets: string[]): number {
    if (!this.hasRoom) throw new RangeError('no channel is free');
    const id = ++this.#lastId;
    this.#channels.set(id, new Channel(id, this.#send));
    this.#send({type: 'open', channel: id, protocol, targets});
    return id;
  }

  /** Helper only: says which target answered. */
  opened(channel: number, target: number, elapsed: number, detail: string): void {
    this.#live(channel)?.opened(target, Math.round(elapsed), detail);
  }

  /** Sends data, or queues what the credit does not allow; false means: pause the source until `drain`. */
  data(channel: number, bytes: Uint8Array): boolean {
    const state = this.#live(channel);
    state?.data(bytes);
    return state?.blocked !== true;
  }

  /** Half-closes our direction, after all data. */
  end(channel: number): void {
    const state = this.#live(channel);
    state?.end();
    if (state?.closed) this.#close(channel, undefined);
  }

  /** Tells that received bytes were delivered. */
  consumed(channel: number, count: number): void {
    this.#live(channel)?.consumed(count);
  }

  /** Drops both directions of a channel. No event follows for it. */
  reset(channel: number, failure: Failure): void {
    this.#live(channel)?.reset(failure);
  }

  /**
   * Relay only: nobody takes answers any more, and what was sent is still to be delivered. `closed` is the only event
   * that follows for the channel.
   */
  abandon(channel: number, failure: Failure): void {
    const state = this.#live(channel);
    state?.abandon(failure);
    if (state?.closed) this.#close(channel, undefined);
  }

  /** Helper only: no target could be reached, or the one that was went wrong. No event follows for the channel. */
  failed(channel: number, failure: Failure): void {
    this.#live(channel)?.failed(failure);
  }

  readonly #send = (frame: Frame): void => {
    this.#write(encodeFrame(frame));
  };

  #live(channel: number): Channel | undefined {
    const state = this.#channels.get(channel);
    return state?.resetting ? undefined : state;
  }

  #close(channel: number, failure: Failure | undefined): void {
    this.#channels.delete(channel);
    this.#events.closed(channel, failure);
  }

  /** The owner may have ended or reset it while it was told of something. */
  #closeIfOver(channel: Channel): void {
    if (!channel.closed || !this.#channels.has(channel.id)) return;
    if (channel.resetting) this.#channels.delete(channel.id);
    else this.#close(channel.id, undefined);
  }

  #frame(frame: Frame): void {
    this.#checkDirection(frame);
    if (frame.type === 'open') {
      this.#receiveOpen(frame.channel, frame.protocol, frame.targets);
      return;
    }
    const channel = this.#channels.get(frame.channel);
    if (frame.type === 'ask') this.#life.receiveAsk(frame.number);
    else if (frame.type === 'alive') this.#life.receiveAlive(frame.number);
    else if (channel === undefined) this.#receiveForFormer(frame);
    else if (channel.resetting) this.#receiveWhileResetting(channel, frame);
    else this.#receiveLive(channel, frame);
  }

  #checkDirection(frame: Frame): void {
    const sender =
      frame.type === 'open'
        ? 'relay'
        : frame.type === 'opened' || frame.type === 'failed'
          ? 'helper'
          : undefined;
    if (sender === this.#role) throw new ProtocolError(`an ${frame.type} frame from the wrong side`);
  }

  #receiveOpen(id: number, protocol: EndpointProtocol, targets: string[]): void {
    if (id <= this.#lastId)
      throw new ProtocolError(`a channel is opened after channel ${this.#lastId} that is not above it`);
    if (this.#channels.size >= CHANNELS_MAX) throw new ProtocolError(`more than ${CHANNELS_MAX} channels`);
    this.#lastId = id;
    this.#channels.set(id, new Channel(id, this.#send));
    this.#events.open(id, protocol, targets);
  }

  /** Frames for a channel that is over on our side, and may not be on the peer's yet. */
  #receiveForFormer(frame: ChannelFrame): void {
    if (frame.channel > this.#lastId)
      throw new ProtocolError(`a ${frame.type} frame for a channel that was never opened`);
    if (frame.type === 'reset')
      this.#send({type: 'reset', channel: frame.channel, failure: {reason: 'gone', message: ''}});
    else if (frame.type !== 'credit')
      throw new ProtocolError(`a ${frame.type} frame for channel ${frame.channel}, which is closed`);
  }

  /** Everything sent before the peer saw our reset is dropped; its own reset is the answer. */
  #receiveWhileResetting(channel: Channel, frame: ChannelFrame): void {
    if (frame.type !== 'reset' && frame.type !== 'failed') return;
    if (channel.abandoned) this.#close(frame.channel, undefined);
    else this.#channels.delete(frame.channel);
  }

  #receiveLive(channel: Channel, frame: ChannelFrame): void {
    const {id} = channel;
    switch (frame.type) {
      case 'opened':
        channel.receiveOpened();
        this.#events.opened(id, frame.target, frame.elapsed, frame.detail);
        break;
      case 'data':
        channel.receiveData(frame.bytes.length);
        if (channel.abandoned) channel.consumed(frame.bytes.length);
        else this.#events.data(id, frame.bytes);
        break;
      case 'credit':
        if (channel.receiveCredit(frame.amount) && !channel.abandoned) this.#events.drain(id);
        this.#closeIfOver(channel);
        break;
      case 'end':
        channel.receiveEnd();
        if (!channel.abandoned) this.#events.end(id);
        this.#closeIfOver(channel);
        break;
      case 'failed':
      case 'reset':
        if (frame.type === 'failed') channel.receiveFailed();
        channel.reset({reason: 'gone', message: ''});
        this.#close(id, frame.failure);
    }
  }
}
