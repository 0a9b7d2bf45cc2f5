import type {Duplex} from 'node:stream';
import {ByteQueue} from '../../shared/bytes.ts';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {asFailure} from '../../shared/failure.ts';
import type {Target} from '../../shared/target.ts';
import type {AgentConnection} from '../targets/connection.ts';
import {isGone, NOT_NEEDED} from '../targets/gone.ts';
import {reach} from '../targets/reach.ts';
import type {AgentSession, Client} from './client.ts';
import {Outlet} from './outlet.ts';

/**
 * How long a named pipe stays open after the client's end while nothing comes, in milliseconds. A pipe cannot be
 * told of the end, and many servers never close by themselves.
 */
const QUIET_MS = 30_000;

/**
 * The same where the agent was told of the end and may take its time over an answer, or take no notice (mpv reads an
 * empty message and goes on), and the client may be gone: on plain stdio nobody says so. In milliseconds.
 */
const QUIET_AFTER_END_MS = 3_600_000;

/** How long an agent may take to accept what a client sent that is gone, in milliseconds. */
const RELEASE_MS = 10_000;

/** Bytes both ways, for protocols in which the server may speak first: the agent is connected at once. */
export class PumpSession implements AgentSession {
  readonly #client: Client;
  readonly #over = new AbortController();
  /** What the client sent before there was a connection. */
  readonly #early = new ByteQueue();
  #stream: Duplex | undefined;
  #outlet: Outlet | undefined;
  #halfCloses = false;
  #clientEnded = false;
  #agentEnded = false;
  #quiet: NodeJS.Timeout | undefined;
  /** To be called when what the client left behind is delivered. */
  #released: (() => void) | undefined;

  constructor(client: Client, protocol: EndpointProtocol, targets: readonly Target[]) {
    this.#client = client;
    reach(targets, {protocol, signal: this.#over.signal, launch: true}).then(
      ({index, elapsed, connection}) => {
        if (this.#over.signal.aborted) {
          connection.stream.destroy();
          return;
        }
        client.opened(index, elapsed, connection.detail);
        this.#attach(connection);
      },
      error => {
        if (this.#over.signal.aborted) return;
        this.destroy();
        client.fail(asFailure(error));
        this.#released?.();
      },
    );
  }

  data(bytes: Uint8Array): void {
    if (this.#outlet !== undefined) this.#outlet.write(bytes);
    else this.#early.push(bytes);
  }

  end(): void {
    this.#clientEnded = true;
    if (this.#stream !== undefined) this.#endAgent();
  }

  drain(): void {
    this.#stream?.resume();
  }

  release(over: () => void): void {
    clearTimeout(this.#quiet);
    this.#released = over;
    if (this.#stream !== undefined) this.#deliver(this.#stream, over);
    else if (this.#early.length === 0) {
      this.destroy();
      over();
    }
  }

  destroy(): void {
    this.#over.abort(NOT_NEEDED);
    clearTimeout(this.#quiet);
    this.#stream?.destroy();
    this.#early.clear();
  }

  #attach({stream, early, halfCloses}: AgentConnection): void {
    this.#stream = stream;
    this.#halfCloses = halfCloses;
    stream.on('data', (chunk: Uint8Array) => {
      this.#quiet?.refresh();
      if (!this.#client.data(chunk)) stream.pause();
    });
    stream.on('end', () => this.#endClient());
    stream.on('error', (error: NodeJS.ErrnoException) => this.#lose(error));
    stream.on('close', () => this.#endClient());
    const goOn = early === undefined || this.#client.data(early);
    this.#outlet = new Outlet(stream, count => this.#client.consumed(count));
    if (this.#early.length > 0) this.#outlet.write(this.#early.take());
    if (this.#released !== undefined) {
      this.#deliver(stream, this.#released);
      return;
    }
    if (this.#clientEnded) this.#endAgent();
    if (goOn) stream.resume();
  }

  /** Whoever is still sent an answer is gone: it is read so that the agent comes to reading, too. */
  #deliver(stream: Duplex, over: () => void): void {
    if (stream.destroyed) {
      over();
      return;
    }
    const bound = setTimeout(() => stream.destroy(), RELEASE_MS);
    stream.once('close', () => {
      clearTimeout(bound);
      over();
    });
    stream.resume();
    this.#outlet?.end(() => stream.destroy());
  }

  #endAgent(): void {
    if (this.#halfCloses) this.#outlet?.end();
    if (this.#halfCloses && this.#client.leavesVisibly) return;
    const patience = this.#halfCloses ? QUIET_AFTER_END_MS : QUIET_MS;
    this.#quiet ??= setTimeout(() => this.#endClient(), patience);
  }

  #endClient(): void {
    if (this.#agentEnded || this.#over.signal.aborted) return;
    this.#agentEnded = true;
    // A pipe that has ended takes nothing any more; a socket may.
    if (!this.#halfCloses) this.#stream?.destroy();
    clearTimeout(this.#quiet);
    this.#client.end();
  }

  #lose(error: NodeJS.ErrnoException): void {
    if (this.#agentEnded || this.#over.signal.aborted) return;
    // Windows reports a pipe whose server has disconnected as EPIPE on a read (233): an end like any other.
    if (error.syscall === 'read' && error.code === 'EPIPE') {
      this.#endClient();
      return;
    }
    this.destroy();
    this.#client.fail({
      reason: isGone(error) ? 'agentClosed' : 'internal',
      message: `the agent closed the connection: ${error.code ?? error.message}`,
      hint: 'wslagent probe',
    });
  }
}
