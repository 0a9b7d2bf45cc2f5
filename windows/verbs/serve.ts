import tty from 'node:tty';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import {exitCode} from '../../shared/exit-codes.ts';
import {asFailure} from '../../shared/failure.ts';
import {ProtocolError} from '../../shared/protocol/frames.ts';
import {Session, type SessionWrite} from '../../shared/protocol/session.ts';
import {LOADED_MS, SMALL_HEAP} from '../../shared/small-heap.ts';
import type {AgentSession, Client} from '../sessions/client.ts';
import {startSession} from '../sessions/start.ts';
import {errorLines} from '../stdio/lines.ts';
import {readDescriptor} from '../stdio/reader.ts';
import {Writer} from '../stdio/writer.ts';

/** How long answers that are under way may take once stdin has ended, in milliseconds: less than the relay's patience. */
const DRAIN_MS = 800;

/** The relay protocol on stdio. Resolves with the exit code when stdin has ended or the relay is gone. */
export function serve(): Promise<number> {
  if (tty.isatty(0)) {
    errorLines(
      'serve is for wslagent, which starts it and speaks its own protocol to it',
      'start it with probe to see what is there, with --help to see the rest',
    );
    return Promise.resolve(exitCode('usage'));
  }
  return new Promise(resolve => new Serving(resolve));
}

/**
 * What most targets need, while the greeting is on its way and the relay's answer: a spare has time, and a first client
 * comes no sooner. What fails here fails again, and is told, when it is needed.
 */
async function loadAhead(): Promise<void> {
  if (process.platform !== 'win32') return;
  try {
    (await import('../targets/ahead.ts')).prepareForPipes();
  } catch {}
}

/** Node's module for it is loaded only then: nobody waits any more. */
function keepHeapSmall(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(SMALL_HEAP);
}

class Serving {
  readonly #leave: (code: number) => void;
  readonly #agents = new Map<number, AgentSession>();
  /** Channels on which the relay has said END. */
  readonly #ended = new Set<number>();
  /** Sessions without a channel, which still deliver what a client left behind. */
  readonly #releasing = new Set<AgentSession>();
  readonly #session: Session;
  readonly #output: Writer;
  #stdinEnded = false;
  #finished = false;

  constructor(leave: (code: number) => void) {
    this.#leave = leave;
    // A failure: nobody reads, the relay has gone.
    this.#output = new Writer(1, () => this.#finish(exitCode('ok')), {inPlace: true});
    const write: SessionWrite = (pieces, written) => {
      const last = pieces.at(-1);
      for (const piece of pieces) this.#output.write(piece, piece === last ? written : undefined);
    };
    this.#session = new Session('helper', write, {
      greeted: () => {},
      open: (channel, protocol, targets) => this.#open(channel, protocol, targets),
      opened: () => {},
      data: (channel, bytes) => this.#agents.get(channel)?.data(bytes),
      end: channel => {
        this.#ended.add(channel);
        this.#agents.get(channel)?.end();
      },
      drain: channel => this.#agents.get(channel)?.drain(),
      closed: channel => {
        const agent = this.#agents.get(channel);
        // what came before the relay's END is delivered, also when it takes no answer any more
        if (agent !== undefined && this.#ended.has(channel)) this.#release(agent);
        else agent?.destroy();
        this.#forget(channel);
      },
    });
    readDescriptor(0, {
      data: chunk => this.#checked(() => this.#session.receive(chunk)),
      end: () => this.#checked(() => this.#endOfInput()),
      failed: error => {
        errorLines(`cannot read from the relay: ${error.message}`);
        this.#finish(exitCode('failure'));
      },
    });
    setImmediate(loadAhead);
    setTimeout(keepHeapSmall, LOADED_MS).unref();
  }

  #open(channel: number, protocol: EndpointProtocol, targets: string[]): void {
    const session = this.#session;
    let opened = false;
    const client: Client = {
      leavesVisibly: true,
      opened: (index, elapsed, detail) => {
        opened = true;
        session.opened(channel, index, elapsed, detail);
      },
      data: bytes => session.data(channel, bytes),
      end: () => {
        session.end(channel);
        // The relay says no END of its own any more.
        if (this.#stdinEnded) this.#forget(channel);
      },
      consumed: count => session.consumed(channel, count),
      fail: failure => {
        if (opened) session.reset(channel, failure);
        else session.failed(channel, failure);
        this.#forget(channel);
      },
    };
    try {
      this.#agents.set(channel, startSession(protocol, targets, client));
    } catch (error) {
      client.fail(asFailure(error));
    }
  }

  #forget(channel: number): void {
    this.#agents.delete(channel);
    this.#ended.delete(channel);
    this.#leaveWhenDone();
  }

  #release(agent: AgentSession): void {
    this.#releasing.add(agent);
    agent.release(() => {
      this.#releasing.delete(agent);
      this.#leaveWhenDone();
    });
  }

  #leaveWhenDone(): void {
    if (this.#stdinEnded && this.#agents.size === 0 && this.#releasing.size === 0)
      this.#finish(exitCode('ok'));
  }

  /** What the relay sent is delivered, and answers that come soon are passed on. */
  #endOfInput(): void {
    this.#session.finish();
    this.#stdinEnded = true;
    for (const agent of [...this.#agents.values()]) agent.end();
    this.#leaveWhenDone();
    if (!this.#finished) setTimeout(() => this.#finish(exitCode('ok')), DRAIN_MS);
  }

  #checked(work: () => void): void {
    if (this.#finished) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      errorLines(`the relay and this helper do not understand each other: ${error.message}`);
      this.#finish(exitCode('protocol'));
    }
  }

  #finish(code: number): void {
    if (this.#finished) return;
    this.#finished = true;
    for (const agent of [...this.#agents.values(), ...this.#releasing]) agent.destroy();
    this.#agents.clear();
    const leave = (): void => this.#leave(code);
    setTimeout(leave, DRAIN_MS);
    void this.#output.flushed().then(leave);
  }
}
