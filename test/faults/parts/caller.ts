/** One connection of an ssh client, and how each of its requests ends. */
import {connect, type Socket} from 'node:net';
import {isFailure} from '../../../shared/ssh-agent/messages.ts';
import {MessageSplitter} from '../../../shared/ssh-agent/splitter.ts';

/** `refused`: told by SSH_AGENT_FAILURE; `closed`: the end came without a word; `late`: nothing came for so long. */
export type End = 'answered' | 'refused' | 'wrong' | 'closed' | 'late';

export class Caller {
  readonly #socket: Socket;
  readonly #splitter = new MessageSplitter();
  readonly #answers: Buffer[] = [];
  #over = false;
  #wake: () => void = () => {};
  /** Resolves when the other side has ended, or the connection is lost. */
  readonly gone: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', bytes => {
      this.#answers.push(...this.#splitter.push(bytes).map(Buffer.from));
      this.#wake();
    });
    socket.on('error', () => {});
    this.gone = new Promise(resolve => {
      const over = () => {
        this.#over = true;
        this.#wake();
        resolve();
      };
      socket.once('end', over);
      socket.once('close', over);
    });
  }

  /** Undefined when nobody listens. */
  static to(path: string): Promise<Caller | undefined> {
    return new Promise(resolve => {
      const socket = connect(path);
      socket.once('error', () => resolve(undefined));
      socket.once('connect', () => resolve(new Caller(socket)));
    });
  }

  /** Sends a request, and says how it ended; only an answer that is the same to the byte is one. */
  async ask(request: Uint8Array, answer: Uint8Array, patience: number): Promise<End> {
    this.#socket.write(request);
    return await this.told(answer, patience);
  }

  /** The end of a request that was sent. */
  async told(answer: Uint8Array, patience: number): Promise<End> {
    let late = false;
    const bound = setTimeout(() => {
      late = true;
      this.#wake();
    }, patience);
    while (this.#answers.length === 0 && !this.#over && !late)
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    clearTimeout(bound);
    const told = this.#answers.shift();
    if (told === undefined) return late ? 'late' : 'closed';
    if (told.equals(answer)) return 'answered';
    return isFailure(told) ? 'refused' : 'wrong';
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says that nothing more comes, and waits for the other side's end, not longer than told. */
  async end(patience: number): Promise<boolean> {
    this.#socket.end();
    let late: NodeJS.Timeout | undefined;
    const bound = new Promise<void>(resolve => {
      late = setTimeout(resolve, patience);
    });
    await Promise.race([this.gone, bound]);
    clearTimeout(late);
    this.#socket.destroy();
    return this.#over;
  }

  /** Lets go of it; what comes is refused by the kernel. */
  close(): void {
    this.#socket.destroy();
  }
}
