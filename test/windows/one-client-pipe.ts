import {type Duplex, duplexPair} from 'node:stream';
import type {Failure} from '../../shared/failure.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import type {TurnLock} from '../../windows/native/turn-lock.ts';
import type {OpenedPipe, PipeSystem} from '../../windows/targets/pipe.ts';
import {absentPipe, busyPipe} from '../../windows/targets/pipe-failure.ts';
import {TestLocks} from './turn-locks.ts';

/** How long the server takes to see that its client has left, to make its next pipe, and to listen on it, in milliseconds. */
export type Pace = {leaving: number; gap: number; making: number};

/** One request, and the number of the connection over which it came. */
export type Asked = {connection: number; request: Buffer};

/**
 * A pipe as gpg-agent has it for OpenSSH's programs: one instance, no pipe at all between two clients, and a client
 * that comes between the making and the listening ends it for good.
 */
export class OneClientPipe implements PipeSystem {
  state: 'listening' | 'taken' | 'leaving' | 'gap' | 'making' | 'dead' = 'listening';
  /** The attempts that met anything but a pipe that listened. */
  readonly early: string[] = [];
  readonly asked: Asked[] = [];
  readonly locks = new TestLocks();
  connections = 0;
  readonly #pace: Pace;
  readonly #answer: (asked: Asked) => Buffer | undefined | Promise<Buffer>;

  /** `answer` gives undefined to close the connection. */
  constructor(
    answer: (asked: Asked) => Buffer | undefined | Promise<Buffer>,
    pace: Pace = {leaving: 3, gap: 5, making: 2},
  ) {
    this.#answer = answer;
    this.#pace = pace;
  }

  async open({path}: {path: string}): Promise<OpenedPipe | Failure> {
    if (this.state !== 'listening') this.early.push(this.state);
    switch (this.state) {
      case 'making':
        this.state = 'dead';
        return absentPipe(path);
      case 'gap':
      case 'dead':
        return absentPipe(path);
      case 'taken':
      case 'leaving':
        return busyPipe(path);
    }
    this.state = 'taken';
    const [ours, theirs] = duplexPair();
    this.#serve(theirs, this.connections++);
    ours.once('close', () => void this.#next());
    return {stream: ours, halfCloses: false, servesOne: true};
  }

  /** It is there before anybody may come. */
  readonly listens = (): boolean => this.state === 'listening' || this.state === 'making';

  /** Nobody may wait for it: who comes in the instant in which it is made ends it. */
  readonly room = (): Promise<void> => Promise.reject(new Error('waited for a pipe that serves one client'));

  readonly lock = (): TurnLock => this.locks.open();

  #serve(stream: Duplex, connection: number): void {
    const splitter = new MessageSplitter();
    stream.on('data', async (chunk: Buffer) => {
      for (const request of splitter.push(chunk)) {
        const asked = {connection, request: Buffer.from(request)};
        this.asked.push(asked);
        const answer = await this.#answer(asked);
        if (answer === undefined) stream.end();
        else stream.write(answer);
      }
    });
  }

  async #next(): Promise<void> {
    for (const state of ['leaving', 'gap', 'making'] as const) {
      this.state = state;
      await new Promise(resolve => setTimeout(resolve, this.#pace[state]));
      if (this.state !== state) return;
    }
    this.state = 'listening';
  }
}

/** What went wrong: attempts that met a pipe that did not listen, and locks that a helper has left behind. */
export function wellTreated(pipe: OneClientPipe): unknown[] {
  return [...pipe.early, ...pipe.locks.left()];
}
