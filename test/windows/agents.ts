import {randomBytes} from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {MessageSplitter} from '../../shared/ssh-agent/splitter.ts';
import {message, startAgent, type Teardown} from './harness.ts';

/** Serves whole ssh-agent requests: `answer` gets each, with its number on the connection. */
export function sshAgent(
  answer: (request: Buffer, socket: net.Socket, count: number) => void,
): (socket: net.Socket) => void {
  return socket => {
    const splitter = new MessageSplitter();
    let count = 0;
    socket.on('data', chunk => {
      for (const request of splitter.push(chunk)) answer(Buffer.from(request), socket, count++);
    });
    socket.on('end', () => socket.end());
  };
}

/** Answers each request with a message of type 12 that holds the request. */
export const echo = sshAgent((request, socket) => socket.write(message(12, request)));

/** A GnuPG service as Windows has it: a port on loopback, and a socket file with a nonce. */
export class AssuanDouble {
  readonly file: string;
  readonly nonce = withNewline();
  /** The bytes that came with the nonce in the first segment of each connection. */
  readonly first: Buffer[] = [];
  #server: net.Server | undefined;

  private constructor(file: string) {
    this.file = file;
  }

  /** Starts it; `serve` gets each connection whose nonce was right, and what came after the nonce. */
  static async start(
    t: Teardown,
    file: string,
    serve: (socket: net.Socket, rest: Buffer) => void,
  ): Promise<AssuanDouble> {
    const double = new AssuanDouble(file);
    double.#server = await startAgent(t, {port: 0}, socket => {
      socket.once('data', chunk => {
        // A nonce that came in pieces is taken for a wrong one: gpg-agent's ssh socket is no more patient.
        if (!chunk.subarray(0, 16).equals(double.nonce)) {
          socket.destroy();
          return;
        }
        double.first.push(chunk.subarray(16));
        serve(socket, chunk.subarray(16));
      });
    });
    await fs.writeFile(file, double.content);
    return double;
  }

  get port(): number {
    const address = this.#server?.address();
    if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
    return address.port;
  }

  get content(): Buffer {
    return Buffer.concat([Buffer.from(`${this.port}\n`), this.nonce]);
  }
}

/** A nonce that a reader of lines would cut. */
function withNewline(): Buffer {
  const nonce = randomBytes(16);
  nonce[3] = 0x0a;
  nonce[9] = 0;
  return nonce;
}

/** A port of loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const {port} = server.address() as net.AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** An executable shell script in a folder; returns its path. */
export async function script(folder: string, name: string, body: string): Promise<string> {
  const file = path.join(folder, name);
  await fs.writeFile(file, `#!/bin/sh\n${body}\n`, {mode: 0o755});
  return file;
}
