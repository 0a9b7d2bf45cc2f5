/** A client of an agent's socket whose every step a test decides: when it reads, when it ends, what it sends. */
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {CEILING} from './chain.ts';

export class Client {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
  #over = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    // an error is followed by a close, and how it ended is what the test reads
    socket.on('error', () => {});
    for (const event of ['end', 'close'])
      socket.on(event, () => {
        this.#over = true;
        this.#wake();
      });
  }

  /** Connects; reads nothing before something is asked of it. */
  static async to(path: string): Promise<Client> {
    const socket = connect({path, allowHalfOpen: true});
    await once(socket, 'connect');
    return new Client(socket);
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says that it sends no more, and reads on. */
  endWriting(): void {
    this.#socket.end();
  }

  /** The next `count` bytes; throws when the connection ends before. */
  async read(count: number): Promise<Buffer> {
    await this.#until(() => this.#length >= count);
    if (this.#length < count) throw new Error(`the connection ended ${count - this.#length} bytes too early`);
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(count)];
    this.#length -= count;
    return all.subarray(0, count);
  }

  /** The next whole ssh-agent message, length field included. */
  async message(): Promise<Buffer> {
    const head = await this.read(4);
    return Buffer.concat([head, await this.read(head.readUInt32BE())]);
  }

  /** Sends a request and gives the answer. */
  async ask(request: Uint8Array): Promise<Buffer> {
    this.send(request);
    return await this.message();
  }

  /** Everything until the other side ends or is lost. */
  async rest(): Promise<Buffer> {
    await this.#until(() => this.#over);
    return Buffer.concat(this.#chunks);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #until(done: () => boolean): Promise<void> {
    let late = false;
    const bound = setTimeout(() => {
      late = true;
      this.#wake();
    }, CEILING);
    if (this.#socket.listenerCount('data') === 0)
      this.#socket.on('data', chunk => {
        this.#chunks.push(chunk);
        this.#length += chunk.length;
        this.#wake();
      });
    while (!done() && !this.#over && !late)
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    clearTimeout(bound);
    if (late) throw new Error(`waited ${CEILING} ms for the other side, which sent ${this.#length} bytes`);
  }
}

/** Connects, asks one thing, and leaves. */
export async function askOnce(path: string, request: Uint8Array): Promise<Buffer> {
  const client = await Client.to(path);
  try {
    return await client.ask(request);
  } finally {
    client.close();
  }
}
