import type {EndpointProtocol} from '../../shared/endpoint.ts';
import type {Failure} from '../../shared/failure.ts';
import {ProtocolError} from '../../shared/protocol/frames.ts';
import {Session, type SessionWrite} from '../../shared/protocol/session.ts';
import type {HelperCommand} from '../helper-command.ts';
import type {Log} from '../log.ts';
import {GatheredWriter} from './gathered-writer.ts';
import {type ChannelEvents, HelperChannel} from './helper-channel.ts';
import {
  deathFailure,
  type Ending,
  endedWithoutAWord,
  mismatchFailure,
  SILENT,
  startFailure,
} from './helper-failure.ts';
import {LogLines} from './log-lines.ts';
import {Pulse} from './pulse.ts';
import {type HelperResult, type HelperSubprocess, spawnHelper} from './spawn-helper.ts';
import {descend, PATIENCE_BEFORE_GREETING} from './stop-ladder.ts';
import {Traffic} from './traffic.ts';

/** Windows may take 12 s in the worst case: each of /init's four connections waits up to 10 s (microsoft/WSL#41283). */
const GREETING_DEADLINE = 15_000;

/** How long a helper that was told to leave may take, in milliseconds. */
const PATIENCE = 1000;

/** After the process is gone its last output is in the pipe already; somebody else may hold the pipe open. */
const QUIET = 100;
/** Between the end of its output and its exit, in milliseconds. */
const EXIT_GRACE = 500;
/** Between SIGKILL and its exit, in milliseconds. */
const KILLED_GRACE = 1000;

const STOPPED: Failure = {reason: 'gone', message: 'the relay is stopping'};

export type HelperEvents = {
  /** It has greeted. */
  ready(): void;
  /** Its last channel is over. */
  idle(): void;
  /** So much goes through it that other clients would be served better elsewhere. */
  heavy(): void;
  /** It does not say that it lives, and takes no more channels. Told before those that can leave it do so. */
  doubted(): void;
  /** It has shown that it lives, after `check`. */
  proven(): void;
  /**
   * It takes no more channels; the failure is undefined when it was stopped, and SILENT only after `doubted`. Told
   * before its channels are closed.
   * `wordless`: it ended at once and said nothing, not even why.
   */
  over(failure: Failure | undefined, wordless: boolean): void;
};

export type HelperStart = {
  /** The process, where it was started already. */
  subprocess?: HelperSubprocess | undefined;
  /** How long it may take to greet, in milliseconds. */
  deadline?: number | undefined;
};

/** One running helper. Starts at once; `gone` resolves when no process of it is left. */
export class HelperProcess {
  readonly gone: Promise<void>;
  readonly #command: HelperCommand;
  readonly #log: Log;
  readonly #events: HelperEvents;
  readonly #subprocess: HelperSubprocess;
  readonly #writer: GatheredWriter;
  readonly #session: Session;
  readonly #traffic = new Traffic(() => this.#events.heavy());
  readonly #lines: LogLines;
  readonly #channels = new Map<number, HelperChannel>();
  readonly #pulse = new Pulse({
    ask: () => this.#session.ask(),
    doubted: () => this.#doubt(),
    lost: () => this.#kill(),
    proven: () => this.#events.proven(),
  });
  readonly #started = performance.now();
  readonly #deadline: NodeJS.Timeout;
  #doubted = false;
  /** After a kill, should the process be there all the same. */
  #killed: NodeJS.Timeout | undefined;
  #over = false;

  constructor(command: HelperCommand, log: Log, events: HelperEvents, start: HelperStart = {}) {
    const {subprocess = spawnHelper(command), deadline = GREETING_DEADLINE} = start;
    this.#command = command;
    this.#log = log;
    this.#events = events;
    this.#subprocess = subprocess;
    const {stdin, stdout, stderr} = this.#subprocess;
    this.#lines = new LogLines(stderr, line => log.info(`${this.name}: ${line}`));
    this.#writer = new GatheredWriter(stdin, () => this.#flowing());
    const write: SessionWrite = (pieces, written) => {
      for (const piece of pieces) this.#traffic.add(piece.length);
      this.#writer.write(pieces, written);
    };
    this.#session = new Session('relay', write, this.#sessionEvents());
    stdout.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    this.#deadline = setTimeout(() => this.#end(this.#silent(deadline)), deadline);
    this.#watchEnd();
    this.gone = this.#awaitGone();
    log.debug(`${this.name}: started ${command.command}`);
  }

  get name(): string {
    return `helper ${this.#subprocess.pid ?? '(not started)'}`;
  }

  get ready(): boolean {
    return this.#session.greeted && !this.#over;
  }

  /** How many connections it serves. */
  get load(): number {
    return this.#channels.size;
  }

  /** Whether so much goes through it that another client would wait behind that. */
  get heavy(): boolean {
    return this.#traffic.heavy;
  }

  /** Whether it can take another connection, now or ever. */
  get hasRoom(): boolean {
    return this.ready && !this.#doubted && this.#session.hasRoom;
  }

  /** Whether it is still to be seen that it lives. */
  get unproven(): boolean {
    return this.#pulse.unproven;
  }

  /** Asks it for a sign of life, because another helper gives none; only while `ready`. */
  check(): void {
    this.#pulse.check();
  }

  /** Opens a connection to the first of the targets that answers; only while `hasRoom`. */
  open(protocol: EndpointProtocol, targets: string[], events: ChannelEvents): HelperChannel {
    const id = this.#session.open(protocol, targets);
    const channel = new HelperChannel(this.#session, this.#writer, id, events, over => this.#closed(over));
    this.#channels.set(id, channel);
    this.#pulse.serves();
    return channel;
  }

  /** Ends it; channels that are open are closed. Resolves when it is gone. */
  stop(): Promise<void> {
    this.#end(undefined);
    return this.gone;
  }

  #sessionEvents() {
    return {
      greeted: () => {
        clearTimeout(this.#deadline);
        this.#log.debug(`${this.name}: ready after ${Math.round(performance.now() - this.#started)} ms`);
        this.#events.ready();
      },
      open: () => {
        throw new ProtocolError('an open frame from the helper');
      },
      opened: (id: number, target: number, elapsed: number, detail: string) =>
        this.#channels.get(id)?.opened(target, elapsed, detail),
      data: (id: number, bytes: Uint8Array) => this.#channels.get(id)?.events.data(bytes),
      end: (id: number) => this.#channels.get(id)?.events.end(),
      drain: (id: number) => this.#channels.get(id)?.credited(),
      closed: (id: number, failure: Failure | undefined) => {
        this.#channels.get(id)?.events.closed(failure);
        this.#closed(id);
      },
    };
  }

  #receive(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#traffic.add(bytes.length);
    this.#pulse.heard();
    try {
      this.#session.receive(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#end(mismatchFailure(this.#command, error.message));
    }
  }

  #flowing(): void {
    for (const channel of this.#channels.values()) channel.flowing();
  }

  #closed(id: number): void {
    if (!this.#channels.delete(id) || this.#channels.size > 0 || this.#over) return;
    this.#pulse.rests();
    this.#events.idle();
  }

  /** Who can goes elsewhere; what an agent may have been asked is waited for longer. */
  #doubt(): void {
    this.#doubted = true;
    this.#events.doubted();
    for (const {events} of [...this.#channels.values()]) events.doubted();
    if (![...this.#channels.values()].some(({reached}) => reached)) this.#kill();
  }

  /** Nothing is expected of it any more. Its clients are told when it is gone: what it said last is read first. */
  #kill(): void {
    if (this.#over || this.#killed !== undefined) return;
    this.#subprocess.kill('SIGKILL');
    this.#killed = setTimeout(() => this.#end(SILENT), KILLED_GRACE);
  }

  #silent(deadline: number): Failure {
    const tail = this.#lines.tail === '' ? '' : `: ${this.#lines.tail}`;
    return {
      reason: 'helperUnusable',
      message: `the helper did not greet within ${deadline / 1000} s${tail}`,
      hint: 'wsl.exe --shutdown',
    };
  }

  /** The process may close its output and stay, and may leave something behind that holds its output open. */
  #watchEnd(): void {
    const {stdout, stderr} = this.#subprocess;
    let grace: NodeJS.Timeout | undefined;
    stdout.once('end', () => {
      grace = setTimeout(() => this.#fail(this.#ending({})), EXIT_GRACE);
    });
    void this.#subprocess.exited.then(() => {
      let came = false;
      stdout.on('data', () => {
        came = true;
      });
      const look = () => {
        if (!came || this.#over) {
          stdout.destroy();
          stderr.destroy();
        } else quiet.refresh();
        came = false;
      };
      // the immediate comes after the pipe was looked into, however late the timer is
      const quiet = setTimeout(() => setImmediate(look), QUIET);
      void this.gone.then(() => {
        clearTimeout(grace);
        clearTimeout(quiet);
      });
    });
  }

  async #awaitGone(): Promise<void> {
    const result = await this.#subprocess.ended;
    clearTimeout(this.#deadline);
    const ending = this.#ending(result);
    if (this.#over) this.#log.debug(`${this.name}: gone`);
    else this.#fail(ending);
  }

  #ending({code, exitCode, signal, message}: HelperResult): Ending {
    return {
      code,
      exitCode,
      signal,
      message,
      stderr: this.#lines.tail,
      stray: this.#session.greeted ? '' : this.#session.stray,
    };
  }

  #fail(ending: Ending): void {
    if (this.#killed !== undefined) this.#end(SILENT);
    else if (this.#session.greeted) this.#end(deathFailure(ending));
    else this.#end(startFailure(this.#command, ending), endedWithoutAWord(ending));
  }

  #end(failure: Failure | undefined, wordless = false): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#killed);
    // stopped, it would hear no other word
    if (this.#pulse.silent) this.#subprocess.kill('SIGKILL');
    this.#pulse.stop();
    this.#events.over(failure, wordless);
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) channel.events.closed(failure ?? STOPPED);
    void this.#descend();
  }

  #descend(): Promise<void> {
    const ladder = {
      closeStdin: () => this.#writer.end(),
      kill: (signal: 'SIGTERM' | 'SIGKILL') => this.#subprocess.kill(signal),
      exited: this.gone,
      said: (signal: string) =>
        this.#log.warning(`${this.name}: does not leave when its stdin ends: ${signal}`),
    };
    return descend(ladder, this.#session.greeted ? PATIENCE : PATIENCE_BEFORE_GREETING);
  }
}
