import {Duplex} from 'node:stream';
import {FailureError} from '../../shared/failure.ts';
import {threadsToSpare} from '../native/threads.ts';
import type {Window} from '../native/user32.ts';
import {NOT_NEEDED} from '../targets/gone.ts';
import {Places} from '../targets/places.ts';
import {askWindow, WINDOW_MAX, type WindowAnswer} from './window-call.ts';

/** gpg-agent.c, PUTTY_IPC_MAXLEN: it looks at so much of the memory, in bytes. */
const GPG_AGENT_MAX = 16_384;

const ERROR_ACCESS_DENIED = 5;

const calls = new Places(threadsToSpare(process.env));

/** An agent that answers whole requests: each write is one, and what is read are the answers. */
export class WindowStream extends Duplex {
  readonly #window: Window;
  readonly #program: string;
  readonly #over = new AbortController();

  /** `program` is the file name of the window's program. */
  constructor(window: Window, program: string) {
    super();
    this.#window = window;
    this.#program = program;
  }

  override _read(): void {}

  override _write(request: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#ask(request).then(() => done(), done);
  }

  /** A call that is under way goes on by itself, and its answer is dropped. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#over.abort(NOT_NEEDED);
    done(error);
  }

  async #ask(request: Uint8Array): Promise<void> {
    const longest = /^gpg-agent\.exe$/i.test(this.#program) ? GPG_AGENT_MAX : WINDOW_MAX;
    if (request.length > longest)
      throw new FailureError({
        reason: 'tooLong',
        message: `a request of ${request.length} bytes is too long for ${this.#program}, whose window takes ${longest}`,
        hint: 'reach the agent through its pipe or socket instead\nwslagent probe',
      });
    await calls.take(this.#over.signal);
    let answer: WindowAnswer;
    try {
      answer = await askWindow(this.#window, request);
    } finally {
      calls.give();
    }
    if (this.destroyed) return;
    if (!(answer instanceof Uint8Array)) throw unanswered(this.#program, answer);
    this.push(answer);
  }
}

function unanswered(program: string, why: Exclude<WindowAnswer, Uint8Array>): FailureError {
  switch (why) {
    case ERROR_ACCESS_DENIED:
      return new FailureError({
        reason: 'denied',
        message: `windows passes no request on to the window of ${program}, which runs with higher rights`,
        hint: `start ${program} without "run as administrator"`,
      });
    case 'refused':
      return new FailureError({
        reason: 'agentClosed',
        message: `${program} did not answer the request that its window got`,
        hint: `restart ${program}; it and wsl must run as the same user, and neither as administrator`,
      });
    case 'malformed':
      return new FailureError({
        reason: 'badGreeting',
        message: `what ${program} answered through its window is no ssh-agent message`,
        hint: 'wslagent probe --target pageant:window',
      });
    case 'noMemory':
      return new FailureError({reason: 'internal', message: 'windows gave no memory to share with Pageant'});
    case 'gone':
      return new FailureError({
        reason: 'agentClosed',
        message: `${program} ended before its window answered`,
        hint: `start ${program} again\nwslagent probe --target pageant:window`,
      });
    default:
      return new FailureError({
        reason: 'internal',
        message: `windows did not pass the request on to the window of ${program}: error ${why}`,
      });
  }
}
