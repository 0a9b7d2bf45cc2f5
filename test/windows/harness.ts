import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type {EndpointProtocol} from '../../shared/endpoint.ts';
import type {Failure} from '../../shared/failure.ts';
import {Session} from '../../shared/protocol/session.ts';

const MAIN = new URL('../../windows/main.ts', import.meta.url).pathname;

/** A folder of its own that is gone when the test is over. */
export async function tempFolder(t: {teardown(fn: () => unknown): void}): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'wslagent-test-'));
  t.teardown(() => fs.rm(folder, {recursive: true, force: true}));
  return folder;
}

/** The helper as a child process, with pipes for stdio. It is killed when the test is over. */
export function startHelper(
  t: {teardown(fn: () => unknown): void},
  args: string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, ...args], {env: {...process.env, ...env}, stdio: 'pipe'});
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  return child;
}

/** Waits until `condition` gives something; throws after `ceiling` milliseconds. */
export async function until<T>(
  condition: () => T | undefined | false,
  what: string,
  ceiling = 10_000,
): Promise<T> {
  const deadline = performance.now() + ceiling;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${ceiling} ms for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** All that a helper printed, and how it ended. */
export async function outcome(
  child: ChildProcessWithoutNullStreams,
): Promise<{code: number | null; signal: string | null; stdout: Buffer; stderr: string}> {
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return {code, signal, stdout: Buffer.concat(stdout), stderr};
}

/** One channel as the relay sees it. */
export class TestChannel {
  received = Buffer.alloc(0);
  opened: {target: number; elapsed: number; detail: string} | undefined;
  ended = false;
  closed = false;
  failure: Failure | undefined;
  /** Whether received data is given back at once. */
  reading = true;
  unread = 0;
  readonly #client: TestRelay;
  readonly id: number;

  constructor(client: TestRelay, id: number) {
    this.#client = client;
    this.id = id;
  }

  send(bytes: Uint8Array): boolean {
    return this.#client.session.data(this.id, bytes);
  }

  end(): void {
    this.#client.session.end(this.id);
  }

  reset(): void {
    this.#client.session.reset(this.id, {reason: 'gone', message: ''});
  }

  take(bytes: Uint8Array): void {
    this.received = Buffer.concat([this.received, bytes]);
    if (this.reading) this.#client.session.consumed(this.id, bytes.length);
    else this.unread += bytes.length;
  }

  /** Gives back what was held, and everything from now on. */
  read(): void {
    this.reading = true;
    this.#client.session.consumed(this.id, this.unread);
    this.unread = 0;
  }

  async bytes(count: number): Promise<Buffer> {
    return await until(
      () => this.received.length >= count && this.received,
      `${count} bytes on channel ${this.id}`,
    );
  }

  /** The failure that ended the channel. */
  async failed(ceiling?: number): Promise<Failure> {
    return await until(() => this.failure, `a failure on channel ${this.id}`, ceiling);
  }
}

/** The relay's side of one helper. */
export class TestRelay {
  readonly child: ChildProcessWithoutNullStreams;
  readonly session: Session;
  readonly channels = new Map<number, TestChannel>();
  stderr = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    const on = (id: number): TestChannel => {
      const channel = this.channels.get(id);
      if (channel === undefined) throw new Error(`an event for channel ${id}`);
      return channel;
    };
    this.session = new Session(
      'relay',
      pieces => {
        for (const piece of pieces) child.stdin.write(piece);
      },
      {
        greeted: () => {},
        open: () => {},
        opened: (id, target, elapsed, detail) => {
          on(id).opened = {target, elapsed, detail};
        },
        data: (id, bytes) => on(id).take(bytes),
        end: id => {
          on(id).ended = true;
        },
        drain: () => {},
        closed: (id, failure) => {
          const channel = on(id);
          channel.closed = true;
          channel.failure = failure;
        },
      },
    );
    child.stdout.on('data', (chunk: Buffer) => this.session.receive(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  open(protocol: EndpointProtocol, ...targets: string[]): TestChannel {
    const id = this.session.open(protocol, targets);
    const channel = new TestChannel(this, id);
    this.channels.set(id, channel);
    return channel;
  }
}

/** A helper that serves, with the relay's side of it. */
export function startRelay(t: {teardown(fn: () => unknown): void}, env: NodeJS.ProcessEnv = {}): TestRelay {
  return new TestRelay(startHelper(t, ['serve'], env));
}

/** A Unix-socket server in the place of a Windows agent; every connection is given to `serve`. */
export async function startAgent(
  t: {teardown(fn: () => unknown): void},
  at: string | {port: 0},
  serve: (socket: net.Socket, index: number) => void,
): Promise<net.Server> {
  const sockets = new Set<net.Socket>();
  let count = 0;
  const server = net.createServer({allowHalfOpen: true}, socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, count++);
  });
  if (typeof at === 'string') server.listen(at);
  else server.listen(at.port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server;
}

/** An ssh-agent message of this type with this body, length field included. */
export function message(type: number, body: Uint8Array = new Uint8Array(0)): Buffer {
  const frame = Buffer.alloc(5 + body.length);
  frame.writeUInt32BE(1 + body.length);
  frame[4] = type;
  frame.set(body, 5);
  return frame;
}

/** A session-bind as far as a relay looks at it. */
export function sessionBind(): Buffer {
  const name = Buffer.from('session-bind@openssh.com');
  const body = Buffer.alloc(4 + name.length);
  body.writeUInt32BE(name.length);
  name.copy(body, 4);
  return message(27, Buffer.concat([body, Buffer.alloc(40, 7)]));
}
