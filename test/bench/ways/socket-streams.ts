/** Raw bytes over a Unix socket, to the server of `windows/pipe-server.c`. */
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {DIRECTION_CODES, type Order, PATIENCE_MS, type Streams} from './way.ts';

const BUFFER = 256 * 1024;
const ORDER_BYTES = 16;

export async function openStreams(path: string, channels: number): Promise<Streams> {
  const open: Stream[] = [];
  const close = async () => {
    for (const stream of open) stream.close();
  };
  try {
    for (let n = 0; n < channels; n++) open.push(await Stream.to(path));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async exchange(order) {
      const begun = performance.now();
      await Promise.all(open.map(stream => stream.exchange(order)));
      return performance.now() - begun;
    },
    close,
  };
}

class Stream {
  readonly #socket: Socket;
  /** Bytes that are still to come. */
  #due = 0;
  #done: (error?: Error) => void = () => {};

  private constructor(path: string) {
    const buffer = Buffer.alloc(BUFFER);
    const callback = (count: number) => {
      this.#due -= count;
      if (this.#due === 0) this.#done();
      return true;
    };
    this.#socket = connect({path, onread: {buffer, callback}} as Parameters<typeof connect>[0] & object);
    this.#socket.on('error', error => this.#done(error));
    this.#socket.on('close', () => this.#done(new Error('the connection was closed')));
  }

  static async to(path: string): Promise<Stream> {
    const stream = new Stream(path);
    await once(stream.#socket, 'connect', {signal: AbortSignal.timeout(PATIENCE_MS)});
    return stream;
  }

  async exchange({direction, write, total}: Order): Promise<void> {
    const order = Buffer.alloc(ORDER_BYTES);
    order.writeUInt32LE(DIRECTION_CODES[direction], 0);
    order.writeUInt32LE(write, 4);
    order.writeBigUInt64LE(BigInt(total), 8);
    // when all is done the server says one byte more
    this.#due = (direction === 'in' ? 0 : total) + 1;
    const over = new Promise<void>((resolve, reject) => {
      this.#done = error => (error === undefined ? resolve() : reject(error));
    });
    const late = setTimeout(() => this.#socket.destroy(new Error('waited too long')), PATIENCE_MS);
    try {
      this.#socket.write(order);
      if (direction !== 'out') this.#send(Buffer.alloc(write), total);
      await over;
    } finally {
      clearTimeout(late);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  /** One write after the other, as a program would that writes blockingly: together Node would make larger ones of them. */
  #send(piece: Buffer, left: number): void {
    if (left === 0) return;
    const now = left < piece.length ? piece.subarray(0, left) : piece;
    this.#socket.write(now, error => {
      if (!error) this.#send(piece, left - now.length);
    });
  }
}
