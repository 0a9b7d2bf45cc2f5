import type {Failure} from '../../shared/failure.ts';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import type {Client} from '../../windows/sessions/client.ts';
import {SshAgentSession} from '../../windows/sessions/ssh-agent.ts';
import {connectPipe} from '../../windows/targets/pipe.ts';
import {message, SESSION_BIND, until} from './harness.ts';
import type {Asked, OneClientPipe} from './one-client-pipe.ts';

const SUCCESS = message(6);

let helpers = 0;
/** Another helper: what helpers share is the pipe and its lock, not their own lines. */
export const helper = (): string => `helper-${helpers++}`;

/** A client of an ssh agent behind a pipe. */
export class TestClient implements Client {
  readonly session: SshAgentSession;
  readonly answers: Buffer[] = [];
  failure: Failure | undefined;
  ended = false;
  readonly #splitter = new MessageSplitter();

  constructor(pipe: OneClientPipe, path = helper()) {
    this.session = new SshAgentSession(this, [{kind: 'pipe', path}], async (_targets, options) => {
      const connection = await connectPipe({path}, options, pipe);
      return {index: 0, elapsed: 0, connection};
    });
  }

  async ask(request: Uint8Array): Promise<Buffer> {
    this.session.data(request);
    return await until(() => this.answers.shift() ?? this.#failed(), 'an answer');
  }

  opened(): void {}
  data(bytes: Uint8Array): boolean {
    this.answers.push(...this.#splitter.push(bytes).map(Buffer.from));
    return true;
  }
  end(): void {
    this.ended = true;
  }
  consumed(): void {}
  fail(failure: Failure): void {
    this.failure = failure;
  }

  #failed(): undefined {
    if (this.failure !== undefined) throw new Error(this.failure.message);
  }
}

/** Accepts session-binds, and answers each other request with a message that holds it. */
export const echo = ({request}: Asked): Buffer => (request[4] === 27 ? SUCCESS : message(12, request));

/** A session-bind that can be told from others. */
export function bind(number: number): Buffer {
  const request = Buffer.from(SESSION_BIND);
  request[request.length - 1] = number;
  return request;
}
